# Bash completion for bitsctl(8).

_bitsctl_complete()
{
    local current=${COMP_WORDS[COMP_CWORD]}

    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W 'passwd help --help --version' \
            -- "$current")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--cost --help' -- "$current")
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} != --cost ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}

complete -F _bitsctl_complete bitsctl
