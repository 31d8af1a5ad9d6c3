# Bash completion for bitsctl(8).

_bitsctl_complete()
{
    local current=${COMP_WORDS[COMP_CWORD]}

    local options='--cost --help'

    if [[ ${COMP_WORDS[1]} == token ]]; then
        options='--expires --prefix --rights --keep --help'
    elif [[ ${COMP_WORDS[1]} == invite ]]; then
        options='--config --expires --once --max-size --as --rotate --help'
    fi
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W 'passwd token invite help --help --version' \
            -- "$current")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} != --@(cost|expires|prefix|rights|max-size|as) ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}

complete -F _bitsctl_complete bitsctl
