declare -a list=(one two "three words" four)
declare -A map=([red]=1 [green]=2 [blue]=3)
list+=(five)
unset 'list[1]'
echo "${#list[@]} ${!list[@]} ${list[@]: -2} ${list[-1]}"
for key in $(printf '%s\n' "${!map[@]}" | sort); do echo "$key=${map[$key]}"; done
mapfile -t lines < table
echo "${#lines[@]} ${lines[2]}"
readonly -a list
(list[0]=x); echo "status $?"
declare -n ref=map
ref[black]=4
echo "${map[black]} ${#map[@]}"
declare -p list
