dash -c '
set -- one two three
while [ $# -gt 0 ]; do echo "$# $1"; shift; done
sum=0; for n in $(seq 50); do sum=$((sum + n)); done; echo $sum
f() { local x=inner; echo $x; }; x=outer; f; echo $x
case abc in a*c) echo matched ;; esac
trap "echo bye" EXIT
echo "${x%er} ${x:-none} ${y:-none}"
(exit 5); echo $?
cat <<E
here $x
E
ls nothere || echo failed
printf "%s-" a b c; echo
kill -l 15
sleep 0.01 & wait $!; echo waited $?
getopts ab: o -b val; echo $o $OPTARG
read a b < table; echo "$a|$b"
set -e; false; echo no'
echo $?
