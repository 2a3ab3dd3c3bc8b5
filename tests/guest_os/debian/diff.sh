diff text new; echo $?; diff -u --label a --label b text new; diff -c --label a --label b text new; diff -y -W 60 text new; diff -q text new
diff -r d/e d; diff -i <(echo A) <(echo a) && echo alike; diff -w <(echo 'a  b') <(echo 'a b'); diff -B <(printf 'a\n\nb\n') <(printf 'a\nb\n')
diff -e text new; diff --normal table numbers | head -n 5; diff text nothere; echo $?; diff -s text link; diff -N text none2 | wc -l
diff -D NEW text new; diff --brief bytes big; diff <(seq 5000) <(seq 2 5001); diff -u0 --label a --label b <(seq 100) <(seq 100 | sed '50d') | tail -n 2
cmp text new; echo $?; cmp -l text new | wc -l; cmp -b bytes text; cmp -s bytes bytes; echo $?; cmp -i 10 text text; cmp big nothere
seq 10 > o; sed 3d o > m; sed 8s/8/eight/ o > y; diff3 m o y; diff3 -m m o y; echo $?; diff3 -e m o y; sdiff -w 60 text new; sdiff -s -w 60 text new; echo $?
seq 10 > l; echo 'r' | sdiff -s -o merged text new > /dev/null; wc -l merged; diff --color=always o y; diff -l o y | tail -n +4; echo $?
