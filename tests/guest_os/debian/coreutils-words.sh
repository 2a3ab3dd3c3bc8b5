/usr/bin/env echo -e 'a\tb\x41'; env printf '%s %d %o %e %c|%-4s|%+d\n' str 12 8 1234.5 char l 5
expr 6 \* 7; expr abc : 'a\(.\)c'; expr length hello; expr 1 / 0; echo $?
seq -w 8 2 12; seq -s, 5; seq 3 -1 1; seq 0 0.1 0.3; factor 1234567890 600851475143 18446744073709551557
basename /a/b.txt .txt; dirname /a/b/c; pathchk -p 'bad?name'; echo $?
env test -d d -a -f text; echo $?; env [ 1 -lt 2 ] && echo lt; env test text -nt table; echo $?; env test text -ef link; echo $?
date -u -d @86400 '+%F %T %j %a'; date -d '2000-01-31 + 1 month' +%F; date -d nonsense; echo $?
numfmt --from=iec 1K 2M; yes no | head -n 2; env false; echo $?; printenv HOME; env A=1 printenv A; uname -s; arch
id -u root; id -un 0; stat -c %U /; tty; echo $?; dircolors -b | wc -l; echo "$(nice)" "$(nice -n 5 nice)"
stdbuf -oL echo buffered; sync; sync text; echo $?; getconf 2> /dev/null; env --nosuch; echo $?
