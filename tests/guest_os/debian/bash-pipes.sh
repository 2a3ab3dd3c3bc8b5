seq 2000 | while read -r n; do ((n % 500)) || echo "$n"; done
seq 100000 | sort -rn | head -n 2
echo "${PIPESTATUS[@]}"
(sleep 0.05; echo late) &
(echo early)
wait; echo "waited $?"
sleep 100 & kill %1; wait %1; echo "killed $?"
set -o pipefail; false | true; echo "pipefail $?"
true | (exit 4) | true; echo "$?"
paste <(seq 3) <(seq 4 6) <(printf '%s\n' x y z)
diff <(sort table) <(sort -u table)
tee >(wc -l > count) < big > /dev/null; wait $!; cat count
coproc cat
echo "through" >&"${COPROC[1]}"; read -r back <&"${COPROC[0]}"; echo "$back"
kill "$COPROC_PID"; wait "$COPROC_PID" 2> /dev/null; echo "ended $?"
for n in 1 2 3 4 5; do (exit $n) & done
wait -n; s=$?; [ $s -ge 1 ] && echo one; wait; echo all
yes | head -c 300000 | wc -c
