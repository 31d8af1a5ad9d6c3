#compdef bitsctl
# Zsh completion for bitsctl(8).

_bitsctl()
{
    if (( CURRENT == 2 )); then
        local -a names=(passwd:'Set the password of a user.'
                        token:'Make a token.'
                        invite:'Print an invitation.'
                        help:'List the commands.')
        _describe command names
        compadd -- --help --version
        return
    fi
    shift words
    (( CURRENT-- ))
    if [[ $words[1] == token ]]; then
        _arguments '--expires[Time until it expires.]:time:' \
            '*--prefix[A folder that it is for.]:path:' \
            '--rights[What it is for.]:rights:(upload head upload,head)' \
            '--keep[Keep older tokens of the name.]' '--help' \
            '1:file:_files' '2:name:'
        return
    fi
    if [[ $words[1] == invite ]]; then
        _arguments '--config[The configuration of bitsd.]:file:_files' \
            '--expires[Time in which an upload must begin.]:time:' \
            '--once[One file may be delivered.]' \
            '--max-size[Limit of the bytes of a file.]:size:' \
            '--as[Whose file it is in names.]:user:' \
            '--rotate[Make a new key.]' '--help' '1:path:'
        return
    fi
    _arguments '--cost[Cost of the hash, 4 to 16.]:cost:' '--help' \
        '1:file:_files' '2:user:'
}

_bitsctl "$@"
