seq 10 | xargs -n 3 echo; seq 5 | xargs -I{} echo '<{}>'; printf 'a b\0c\0' | xargs -0 -n 1 echo; xargs -a numbers echo; echo | xargs -r echo none
seq 20 | xargs -P 4 -n 5 sh -c 'echo $#' _; seq 3 | xargs -n 1 sh -c 'exit 1' _; echo $?; echo x | xargs nosuchprogram; echo $?
echo "'quoted words' plain" | xargs -n 1 echo; seq 30000 | xargs -s 100000 echo | wc -l; echo a,b,c | xargs -d , -n 1 echo | head -n 2
seq 3 | xargs -t echo; seq 2 | xargs -n 1 sh -c 'exit 255' _; echo $?; seq 40 | xargs -L 10 -P 2 echo | wc -l
seq 2 | xargs -n 1 sh -c 'kill -9 $$' _; echo $?; seq 3 | xargs -n 1 --process-slot-var=S sh -c 'echo $S' _; seq 2000 | xargs -n 40 echo | wc -l
