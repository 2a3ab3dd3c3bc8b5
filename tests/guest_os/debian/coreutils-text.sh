sort -k2,2n -k1,1 table; sort -u table | wc -l; sort -t ' ' -k3 -s table | head -n 2; sort -c numbers; sort -nr numbers
sort -h <<< $'2K\n1M\n3\n10K'; sort -V <<< $'v1.10\nv1.9\nv1.2'; sort -S 1M -T . big | md5sum; sort --parallel=4 big | tail -n 1
uniq -c <(sort table); uniq -d <(sort table); cut -d ' ' -f 1,3 table; cut -c 2-4 text; cut -b 1-2 --complement table
paste -s -d, numbers; paste table numbers; join <(sort table) <(sort -u table | sed 's/$/ x/'); comm -12 <(sort text) <(sort new)
tr -s a-z < text | head -n 2; tr -d '\r' < dos | od -c; tr '[:lower:]' '[:upper:]' < table
expand -t 4 text | grep delta; unexpand -a <<< '        eight'; fold -w 10 -s text; fmt -w 30 text; nl -ba text
head -c 5 text; tail -n +5 text; tail -c 9 text; head -n -3 table; tac table; wc text table void; wc -L text
od -A x -t x1z -N 32 bytes; od -t d2 -j 250 -N 12 bytes; od -t fD -N 16 bytes
split -l 1000 -d big part.; wc -l part.*; csplit -s big 100 2500; wc -l xx*
pr -l 20 -h title text | tail -n +4 | head -n 8; ptx -w 40 text | head -n 4; tsort <<< 'a b b c a c'
shuf -i 1-10 | sort -n | tail -n 1; numfmt --to=iec 1048576; cat -A dos; cat -n table; cat -s text nothere; echo $?
