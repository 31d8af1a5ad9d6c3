#compdef bitsctl
# Zsh completion for bitsctl(8).

_bitsctl()
{
    if (( CURRENT == 2 )); then
        local -a names=(passwd:'Set the password of a user.'
                        help:'List the commands.')
        _describe command names
        compadd -- --help --version
        return
    fi
    shift words
    (( CURRENT-- ))
    _arguments '--cost[Cost of the hash, 4 to 16.]:cost:' '--help' \
        '1:file:_files' '2:user:'
}

_bitsctl "$@"
