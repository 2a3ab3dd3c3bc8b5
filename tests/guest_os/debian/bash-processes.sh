export ONE=1
env -i TWO=2 PATH="$PATH" bash -c 'echo "[$ONE] [$TWO]"'
ONE=x bash -c 'echo $ONE'; echo $ONE
printf '#!/bin/sh\necho "$0 has $# arguments: $1"\n' > s; chmod +x s; ./s "a b" c; PATH=.:$PATH s x
printf '#!/usr/bin/env -S bash -e\nfalse\necho no\n' > t; chmod +x t; ./t; echo "$?"
umask 027; touch made; stat -c %A made; umask
ulimit -n 64; ulimit -n; (ulimit -c 0; ulimit -c)
cd d/e && pwd && cd - && cd ../up/d/up && pwd -P; cd d/up && pwd && pwd -P
pushd /tmp > /dev/null; dirs; popd
type cd ls_none; type -t cat if cd; hash -r; builtin echo builtin
echo "$BASH_SUBSHELL $(echo "$BASH_SUBSHELL")"; times | wc -l
bash -c 'kill -TERM $$'; echo "$?"
bash -c 'exit 300'; echo "$?"
for n in $(seq 60); do bash -c "exit $n" || s=$((s + $?)); done; echo $s
exec bash -c 'echo last; exit 11'
