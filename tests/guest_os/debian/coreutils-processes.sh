timeout 0.05 sleep 10; echo $?
timeout -s KILL 0.05 sleep 10; echo $?
timeout 20 sh -c 'exit 4'; echo $?
timeout --preserve-status -k 1 0.05 sleep 10; echo $?
nohup sh -c 'echo nohup' 2> /dev/null; env -u HOME sh -c 'echo [$HOME]'; env -C d ls; sleep 0.01 0.01; echo $?
stty < /dev/null; echo $?
tee a b <<< both; cat a b
sleep 0.3 & tail -s 0.05 -n 1 -f --pid=$! numbers > followed & sleep 0.1; echo 777 >> numbers; wait; cat followed
cat text - <<< end | cat -A | tail -n 2
dd if=/dev/zero bs=1M count=8 status=none | wc -c
kill -l HUP; kill -0 $$ && echo alive; env kill -l 9; env -i env
df --output=target . | wc -l; nproc | wc -l; sleep nonsense; echo $?
