# Completes the command lines of pgmate in zsh.

_pgmate() {
  local command='' option='' ended='' takes='' REPLY=''
  local -a folders offered
  integer arguments=0
  _pgmate_read
  if [[ -n $option ]]; then
    _pgmate_takes $option
    _pgmate_value $option
  elif [[ -z $ended && $PREFIX == -*=* ]]; then
    _pgmate_long ${PREFIX%%=*}
    option=$REPLY
    _pgmate_takes $option
    compset -P '*='
    _pgmate_value $option
  elif [[ -z $ended && $PREFIX == -* ]]; then
    _pgmate_options
    _describe -o -t options option offered
  elif [[ -z $command ]]; then
    _pgmate_commands
    _describe -t commands command offered
  else
    _pgmate_argument
    _pgmate_value argument
  fi
}

# Reads the line up to the cursor as pgmate does.
_pgmate_read() {
  local word
  for word in "${(@Q)words[2,CURRENT-1]}"; do
    if [[ -n $option ]]; then
      [[ $option != migrations-dir ]] || _pgmate_add_folders $word
      option=''
    elif [[ -n $ended || $word != -?* ]]; then
      if [[ -z $command ]]; then command=$word; else (( arguments += 1 )); fi
    elif [[ $word == -- ]]; then
      ended=yes
    else
      _pgmate_long ${word%%=*}
      _pgmate_takes $REPLY
      if [[ -z $takes ]]; then
        continue
      elif [[ $word != *=* ]]; then
        option=$REPLY
      elif [[ $REPLY == migrations-dir ]]; then
        _pgmate_add_folders ${word#*=}
      fi
    fi
  done
}

# Offers what $takes says, under the name $1.
_pgmate_value() {
  local expl
  local -a found
  case $takes in
    words:*)
      found=(${(s: :)takes#words:})
      _wanted values expl $1 compadd -a found
      ;;
    version)
      _pgmate_versions
      _describe -t versions version found
      ;;
    variable) _wanted variables expl 'environment variable' _parameters -g '*export*' ;;
    revision)
      found=(${(f)"$(git for-each-ref --format='%(refname:short)' 2> /dev/null)"})
      _wanted revisions expl revision compadd -a found
      ;;
    file) _files ;;
    folder) _files -/ ;;
    sql-file)
      [[ -n $PREFIX$SUFFIX ]] || _pgmate_migrations
      if (( $#found )); then
        _wanted files expl migration compadd -f -a found
      else
        _files -g '*.sql'
      fi
      ;;
    *) _message $1 ;;
  esac
}

# Sets $found to the versions of the files, each with its file's name.
_pgmate_versions() {
  local folder name
  _pgmate_folders
  for folder in $folders; do
    for name in $folder/[0-9]*.sql(N:t); do
      found+=("${name%%[^0-9]*}:${name//\\/\\\\}")
    done
  done
}

# Sets $found to the files themselves.
_pgmate_migrations() {
  local folder
  _pgmate_folders
  for folder in $folders; do
    found+=(${folder#./}/[0-9]*.sql(N))
  done
}

# Sets $folders as pgmate has them: the line's, the environment's, those of .env or pgmate.toml.
_pgmate_folders() {
  local file line list
  local -a match mbegin mend
  (( $#folders == 0 )) || return
  if [[ -n ${DBMATE_MIGRATIONS_DIR-} ]]; then
    _pgmate_add_folders $DBMATE_MIGRATIONS_DIR
    return
  fi
  for file in .env pgmate.toml; do
    [[ -f $file && -r $file ]] || continue
    list=''
    while IFS='' read -r line || [[ -n $line ]]; do
      [[ $line == (#b)[[:blank:]]#(export[[:blank:]]##|)(DBMATE_MIGRATIONS_DIR|migrations-dir)[[:blank:]]#=[[:blank:]]#(*) ]] || continue
      line=$match[3]
      if [[ $line == [\"\'\[]* ]]; then
        list=''
        while [[ $line == (#b)[^\"\']#[\"\']([^\"\']#)[\"\'](*) ]]; do
          list+=,$match[1]
          line=$match[2]
        done
      else
        list=${line%%[[:space:]#]*}
      fi
    done < $file
    [[ -z $list ]] || _pgmate_add_folders $list
    (( $#folders == 0 )) || return
  done
  folders=(./db/migrations)
}

# Divides $1 at its commas.
_pgmate_add_folders() {
  local folder
  for folder in ${(s:,:)1}; do
    folder=${folder##[[:blank:]]#}
    [[ $folder != '~/'* ]] || folder=$HOME/${folder#'~/'}
    [[ -z $folder ]] || folders+=(${folder%/})
  done
}

#: tables

# In a folder of $fpath this file is the function itself; sourced, it names it.
if [[ ${funcstack[1]-} == _pgmate ]]; then
  _pgmate "$@"
else
  compdef _pgmate pgmate
fi
