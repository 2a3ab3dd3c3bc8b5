fib() { local n=$1; if ((n < 2)); then echo "$n"; else echo $(( $(fib $((n - 1))) + $(fib $((n - 2))) )); fi; }
fib 9
for ((i = 0; i < 10; i++)); do
    case $i in 3) continue ;; 7) break ;; [02468]) echo -n "e$i " ;; *) echo -n "o$i " ;; esac
done; echo
until [[ $x == xxx ]]; do x+=x; done; echo "$x"
[[ "file12.txt" =~ ^([a-z]+)([0-9]+)\.(.*)$ ]] && echo "${BASH_REMATCH[@]}"
options() {
    while getopts ":ab:" o; do
        case $o in a) echo A ;; b) echo "B $OPTARG" ;; \?) echo "bad $OPTARG" ;; esac
    done
}
options -a -b value -z
eval 'echo evaluated $((6 * 7))'
cleanup() { echo "exit trap, status $?"; }
(trap cleanup EXIT; exit 9); echo "$?"
(set -e; false; echo not reached); echo "$?"
(set -u; echo "$unset_thing") 2> /dev/null; echo "$?"
trap 'echo "line $LINENO failed"' ERR; false; trap - ERR
trap 'echo usr1' USR1; kill -USR1 $$; echo after
f() { return 300; }; f; echo "$?"
nosuchcommand; echo "$?"
./text; echo "$?"
./nothing; echo "$?"
