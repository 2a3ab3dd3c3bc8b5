sleep 100 & sleep 200 &
sleep 0.1
ps -o pid,ppid,pgid,sid,stat,comm,args; ps -eo comm= | sort; pgrep -a sleep; pkill -f 'sleep 200'; wait %2; echo $?; pgrep -c sleep; pstree -A 1
killall sleep; wait %1; echo $?; top -b -n 1 | grep -c bash; free | head -n 1; uptime | grep -c load; vmstat | wc -l; pwdx $$; pmap $$ | grep -c bash
lsof -p $$ | awk '{ print $4, $5, $9 }' | grep -e cwd -e txt; w | wc -l; sysctl kernel.ostype; prtstat $$ | grep Parent; skill -l > /dev/null
flock lock echo locked; getopt -o ab: -- -a -b x y; rev <<< abc; namei -l /bin/sh | tail -n 1; findmnt -n -o FSTYPE /proc; taskset -p $$; prlimit -n --noheadings -o SOFT
setsid -w sh -c 'exit 5'; echo $?; mountpoint /proc; chrt -p $$; fallocate -l 100 q; stat -c %s q; mcookie | wc -c; lslogins -u --noheadings -o USER | head -n 1; nice -n 3 ps -o ni=
