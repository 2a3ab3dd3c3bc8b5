path=/usr/local/lib/libthing.so.1.2 name=
echo "${path##*/} ${path%/*} ${path%%.*} ${path#*/} ${path/lib/LIB} ${path//lib/LIB} ${path:5:5} ${#path}"
echo "${name:-default} ${name:=assigned} $name ${name:+other} ${name^^} ${name^} ${path@Q}"
echo {a,b}{1..3} {10..1..3} {a..e} x{,y}z
echo "$(( (1 << 40) + 0x10 * 3 - 7 % 4 )) $((2#1011)) $((a = 5, a++ + ++a)) $((1 ? 2 : 3)) $(( -7 / 2 ))"
(: "${nothing:?is not set}"); echo "status $?"
set -- a "b c" d
echo "$# $* $@ ${@:2}"
IFS=-; echo "$*"; unset IFS
echo "d"/* e* [a-d]* *.none
shopt -s nullglob extglob globstar
echo *.none !(d*|e*|t*) **/*.c
printf '%5d|%-5s|%05.1f|%x|%q|%b\n' 42 ab 2.25 255 'a b' 'x\ty'
echo $'tab\there' $"plain" ~root
echo "a\
b"
