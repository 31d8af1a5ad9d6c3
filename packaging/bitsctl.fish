# Fish completion for bitsctl(8).

complete -c bitsctl -n __fish_use_subcommand -f
complete -c bitsctl -n __fish_use_subcommand -a passwd -d 'Set the password of a user.'
complete -c bitsctl -n __fish_use_subcommand -a token -d 'Make a token.'
complete -c bitsctl -n __fish_use_subcommand -a help -d 'List the commands.'
complete -c bitsctl -n __fish_use_subcommand -l help -s h -d 'List the commands.'
complete -c bitsctl -n __fish_use_subcommand -l version -s V -d 'Print the version.'
complete -c bitsctl -n '__fish_seen_subcommand_from passwd' -l cost -x -d 'Cost of the hash, 4 to 16.'
complete -c bitsctl -n '__fish_seen_subcommand_from token' -l expires -x -d 'Time until it expires.'
complete -c bitsctl -n '__fish_seen_subcommand_from token' -l prefix -x -d 'A folder that it is for.'
complete -c bitsctl -n '__fish_seen_subcommand_from token' -l rights -x -a 'upload head upload,head' -d 'What it is for.'
complete -c bitsctl -n '__fish_seen_subcommand_from token' -l keep -d 'Keep older tokens of the name.'
