# Completes the command lines of pgmate in fish.

# Prints the command, how many arguments it has, and the folders of migrations that the line names.
function __pgmate_read
    set -l command ''
    set -l arguments 0
    set -l folders
    set -l option ''
    set -l ended ''
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if test -n "$option"
            test "$option" = migrations-dir
            and set -a folders $word
            set option ''
        else if test -n "$ended"; or not string match -q -- '-?*' $word
            if test -z "$command"
                set command $word
            else
                set arguments (math $arguments + 1)
            end
        else if test "$word" = --
            set ended yes
        else
            set -l parts (string split -m 1 -- = $word)
            set -l name (__pgmate_long (string replace -r -- '^--?' '' $parts[1]) "$command")
            if not __pgmate_takes $name
                continue
            else if not set -q parts[2]
                set option $name
            else if test $name = migrations-dir
                set -a folders $parts[2]
            end
        end
    end
    printf '%s\n' "$command" $arguments $folders
end

function __pgmate_without_command
    set -l read (__pgmate_read)
    test -z "$read[1]"
end

# Whether the command is one of these names.
function __pgmate_is
    set -l read (__pgmate_read)
    contains -- "$read[1]" $argv
end

# Whether it is, and has no argument yet.
function __pgmate_lacks
    set -l read (__pgmate_read)
    contains -- "$read[1]" $argv
    and test $read[2] -eq 0
end

# Whether an option may come, of those that every command takes.
function __pgmate_is_not
    set -l read (__pgmate_read)
    not contains -- "$read[1]" $argv
end

# The folders as pgmate has them: the line's, the environment's, those of .env or pgmate.toml.
function __pgmate_folders
    set -l read (__pgmate_read)
    set -l found $read[3..-1]
    if not set -q read[3]
        set found $DBMATE_MIGRATIONS_DIR
    end
    for file in .env pgmate.toml
        test -z "$found"; and test -f $file; and test -r $file
        or continue
        set -l line (string match -r -- '^\s*(?:export\s+)?(?:DBMATE_MIGRATIONS_DIR|migrations-dir)\s*=\s*(.*)$' <$file)
        set -q line[2]
        or continue
        set -l parts (string match -ra -- '"[^"]*"|\'[^\']*\'' $line[-1])
        if not string match -qr -- '^["\'[]' $line[-1]
            set parts (string match -r -- '^[^\s#]*' $line[-1])
        end
        set found (string trim -c '"\'' -- $parts)
    end
    test -n "$found"
    or set found ./db/migrations
    for folder in (string trim -- (string split -- , $found))
        test -n "$folder"
        and string replace -r -- '(.)/$' '$1' (string replace -r -- '^~/' "$HOME/" $folder)
    end
end

# The versions of the files, each with its file's name.
function __pgmate_versions
    for folder in (__pgmate_folders)
        set -l paths $folder/*.sql
        string replace -rf -- '^.*/(([0-9]+)[^/]*)$' '$2'\t'$1' $paths
    end
end

# The files themselves, where nothing is written yet; else what lies where the word points to.
function __pgmate_files
    set -l files
    set -l word (commandline -ct)
    if test -z "$word"
        for folder in (__pgmate_folders)
            set -l paths $folder/*.sql
            set -a files (string replace -rf -- '^(?:\./)?(.*/[0-9][^/]*)$' '$1' $paths)
        end
    end
    if set -q files[1]
        printf '%s\n' $files
    else
        __fish_complete_suffix .sql
    end
end

#: tables
