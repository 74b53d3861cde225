# Completes the command lines of pgmate in bash.

_pgmate() {
  local IFS=$' \t\n' REPLY=''
  local current='' command='' option='' ended='' takes='' lead=''
  local -i arguments=0
  local -a folders=() offered=()
  COMPREPLY=()
  _pgmate_read
  if [[ -n $option ]]; then
    _pgmate_takes "$option"
    _pgmate_value "$current"
  elif [[ -z $ended && $current == -*=* ]]; then
    # Where = divides no words, what is put in holds what stands before it too.
    [[ $COMP_WORDBREAKS == *=* ]] || lead="${current%%=*}="
    _pgmate_long "${current%%=*}"
    _pgmate_takes "$REPLY"
    _pgmate_value "${current#*=}"
  elif [[ -z $ended && $current == -* ]]; then
    _pgmate_options
    _pgmate_offer "$current"
  elif [[ -z $command ]]; then
    _pgmate_commands
    _pgmate_offer "$current"
  else
    _pgmate_argument
    _pgmate_value "$current"
  fi
}

# Reads the line up to the cursor as pgmate does. Bash has divided --a=b and a:b, which are one word.
_pgmate_read() {
  local line=${COMP_LINE:0:COMP_POINT} word
  local -i i last
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    ((i < COMP_CWORD)) || word=${line#"${line%%[![:space:]]*}"}
    if ((i > 0)) && [[ $line != [[:space:]]* ]]; then
      words[last]+=$word
    else
      last=${#words[@]}
      words[last]=$word
    fi
    line=${line#*"$word"}
  done
  current=${words[last]}
  for ((i = 1; i < last; i++)); do
    word=${words[i]}
    if [[ -n $option ]]; then
      [[ $option != migrations-dir ]] || _pgmate_add_folders "$word"
      option=''
    elif [[ -n $ended || $word != -?* ]]; then
      if [[ -z $command ]]; then command=$word; else arguments+=1; fi
    elif [[ $word == -- ]]; then
      ended=yes
    else
      _pgmate_long "${word%%=*}"
      _pgmate_takes "$REPLY"
      if [[ -z $takes ]]; then
        continue
      elif [[ $word != *=* ]]; then
        option=$REPLY
      elif [[ $REPLY == migrations-dir ]]; then
        _pgmate_add_folders "${word#*=}"
      fi
    fi
  done
}

# Offers what $takes says and begins with $1.
_pgmate_value() {
  local word
  case $takes in
    words:*)
      for word in ${takes#words:}; do offered+=("$word" ''); done
      _pgmate_offer "$1"
      ;;
    version)
      _pgmate_versions
      _pgmate_offer "$1"
      ;;
    variable)
      while IFS='' read -r word; do offered+=("$word" ''); done <<< "$(compgen -e)"
      _pgmate_offer "$1"
      ;;
    revision)
      while IFS='' read -r word; do
        offered+=("$word" '')
      done <<< "$(git for-each-ref --format='%(refname:short)' 2> /dev/null)"
      _pgmate_offer "$1"
      ;;
    file | folder | sql-file) _pgmate_paths "$1" ;;
  esac
}

# The pairs of $offered are a word and what it means, which is shown where several are listed.
_pgmate_offer() {
  local item word='' line
  local -i i isWord=1 width=0 columns=${COLUMNS:-80}
  local -a meanings=()
  for item in ${offered[@]+"${offered[@]}"}; do
    if ((isWord)); then
      word=$item isWord=0
      continue
    fi
    isWord=1
    [[ -n $word && $word == "$1"* ]] || continue
    COMPREPLY+=("$lead$word")
    meanings+=("$item")
    ((${#word} <= width)) || width=${#word}
  done
  # These are the lists that are shown; else only what the words have in common is put in.
  [[ ${#meanings[@]} -gt 1 && :63:33:64: == *:${COMP_TYPE-}:* ]] || return 0
  for ((i = 0; i < ${#meanings[@]}; i++)); do
    [[ -n ${meanings[i]} ]] || continue
    printf -v line '%-*s  %s' "$width" "${COMPREPLY[i]}" "${meanings[i]}"
    COMPREPLY[i]=${line:0:columns - 1}
  done
}

# Readline completes names of files itself, with all that is in quotes; compopt is there since bash 4.
_pgmate_paths() {
  local path word=${1//[\"\'\\]/}
  local -a kinds=(-f)
  case $takes in
    file) compopt -o default 2> /dev/null && return ;;
    folder)
      compopt -o dirnames 2> /dev/null && return
      kinds=(-d)
      ;;
    sql-file)
      [[ -n $word ]] || _pgmate_migrations
      ((${#COMPREPLY[@]} == 0)) || return 0
      kinds=(-f -o plusdirs -X '!*.sql')
      compopt -o filenames 2> /dev/null
      ;;
  esac
  while IFS='' read -r path; do
    [[ -z $path ]] || COMPREPLY+=("$path")
  done <<< "$(compgen "${kinds[@]}" -- "$word")"
}

# Offers the versions of the files.
_pgmate_versions() {
  local folder path name
  _pgmate_folders
  for folder in ${folders[@]+"${folders[@]}"}; do
    [[ -d $folder/ ]] || continue
    for path in "$folder"/[0-9]*.sql; do
      [[ -e $path ]] || continue
      name=${path##*/}
      offered+=("${name%%[!0-9]*}" "$name")
    done
  done
}

# The files themselves, where nothing is written yet.
_pgmate_migrations() {
  local folder path
  _pgmate_folders
  for folder in ${folders[@]+"${folders[@]}"}; do
    [[ -d $folder/ ]] || continue
    for path in "$folder"/[0-9]*.sql; do
      [[ ! -e $path ]] || COMPREPLY+=("${path#./}")
    done
  done
  compopt -o filenames 2> /dev/null
}

# Sets $folders as pgmate has them: the line's, the environment's, those of .env or pgmate.toml.
_pgmate_folders() {
  local file line quotes="^[^\"']*[\"']([^\"']*)[\"'](.*)\$" list=''
  local assignment='^[[:blank:]]*(export[[:blank:]]+)?(DBMATE_MIGRATIONS_DIR|migrations-dir)'
  assignment+='[[:blank:]]*=[[:blank:]]*(.*)$'
  ((${#folders[@]} == 0)) || return
  if [[ -n ${DBMATE_MIGRATIONS_DIR-} ]]; then
    _pgmate_add_folders "$DBMATE_MIGRATIONS_DIR"
    return
  fi
  for file in .env pgmate.toml; do
    [[ -f $file && -r $file ]] || continue
    while IFS='' read -r line || [[ -n $line ]]; do
      [[ $line =~ $assignment ]] || continue
      line=${BASH_REMATCH[3]}
      if [[ $line == [\"\'[]* ]]; then
        list=''
        while [[ $line =~ $quotes ]]; do
          list+=,${BASH_REMATCH[1]}
          line=${BASH_REMATCH[2]}
        done
      else
        list=${line%%[[:space:]#]*}
      fi
    done < "$file"
    [[ -z $list ]] || _pgmate_add_folders "$list"
    ((${#folders[@]} == 0)) || return
  done
  folders=(./db/migrations)
}

# Divides $1 at its commas; of quotes and backslashes only what they are around counts.
_pgmate_add_folders() {
  local folder
  local -a divided
  IFS=, read -r -a divided <<< "${1//[\"\'\\]/}"
  for folder in ${divided[@]+"${divided[@]}"}; do
    folder=${folder#"${folder%%[![:blank:]]*}"}
    [[ $folder != '~/'* ]] || folder=$HOME/${folder#'~/'}
    [[ -z $folder ]] || folders+=("${folder%/}")
  done
}

#: tables

complete -F _pgmate pgmate
