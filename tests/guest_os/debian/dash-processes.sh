dash -c '
i=0; while [ $i -lt 60 ]; do true; "$(command -v cat)" < /dev/null && env true && i=$((i + 1)); done; echo $i
ls d | tr a-z A-Z
cd d; for f in *; do [ -f "$f" ] && wc -c "$f"; done
(ulimit -n 20; ulimit -n); umask
exec 4> ../made; echo four >&4; exec 4>&-; cat ../made
test -x ../script && ../script x
trap "echo int; exit 3" INT; (kill -INT $$); sleep 1; echo not'
echo $?
dash -c 'kill -9 $$'; echo $?
dash nothere; echo $?
echo 'echo from stdin $0 $1' | dash -s one
