grep -n beta text; grep -c . text big; grep -i THE text new; grep -v a text; grep -w end text; grep -x 'alpha beta gamma' text
grep -rn int d; grep -rl 1 d | sort; grep -L zzz text new; grep -E '(qu|br)[io]+' -o text; grep -F . text; grep -P '\d{3}(?=7)' big | head -n 3
grep -A1 -B1 jumps text; grep -m 2 -b line big; grep -q nothing text; echo $?; grep pattern nothere; echo $?; grep -s x nothere; echo $?
grep -a --color=always -o fox text; grep -z fox text | tr '\0' '\n' | head -n 2; grep '\(o\).*\1' text; grep -e one -e two -f numbers table
grep --include='*.c' -r main .; grep -c 'line [0-9]*7 of' big; grep -E '^(.)(.).*\2\1$' big; printf 'a\0b\n' | grep b; grep -E 'x+' text; grep -F a.b text
grep -c -a -U $'\xff' bytes; grep '[[:upper:]]' text; grep -Eo '[[:alpha:]]{6,}' text | sort | uniq -c
grep x d; echo $?; grep -d skip x d; echo $?; grep '[' text; echo $?; yes line | head -n 100000 | grep -c line
