sed -n 2,3p text; sed '/beta/d' text; sed 's/\(.*\) \(.*\)/\2 \1/' table; sed 's/a/A/2g' table; sed -E 's/(\w+) (\w+)/\2 \1/g; 1q' text
sed -i.bak 's/lazy/energetic/' text; diff text text.bak; sed '$!N;s/\n/ + /' numbers; sed = numbers | sed 'N;s/\n/\t/'; sed -n '$=' big
sed '1!G;h;$!d' numbers; sed ':a;s/^\([0-9]\{1,2\}\)$/0\1/;ta' numbers; sed 'y/abc/xyz/' table; sed '2i\inserted' numbers; sed '2a after' numbers
sed '/alice/c changed' table; sed -n '/quick/,/beta/{=;p}' text; sed 's/.*/\U&/' table; sed 's/\b./\u&/g' text; sed -s -n '1p' text table
sed '1~2d' numbers; sed '0,/beta/s//first/' text; sed -z 's/\n/;/g' numbers; echo; sed 's/x/y/;T;s/y/z/' <<< axb; sed '2r numbers' table
sed -n 'w written' numbers; cat written; sed 's/30/echo ran/e' <<< 30; sed -n l dos; sed '5q;7d' text; echo $?
sed 'b end; s/a/b/; :end; s/t/T/' text; sed -f <(printf 's/q/Q/\n/dog/d\n') text; sed 'N;P;D' numbers; sed x numbers; sed '3Q5' numbers; echo $?
seq 20000 | sed -n 's/9\(.\)9/<\1>/p' | tail -n 2; sed -e 's/o/0/g' -e 's/0/o/1' text; sed '/nope' text; echo $?; sed p nothere; echo $?
ln -s text s; sed -i --follow-symlinks 1d s; readlink s; sed -i 1d s; test -L s || echo file; stat -c %a text
