cp -a d copy; diff -r d/e copy/e && echo same; readlink copy/up
cp -r --preserve=mode,timestamps table t2; stat -c '%a %Y' t2
cp text d/e; mv d/e/text d/e/moved; mv -n d/e/moved text; ls d/e; mv -b text new; ls
ln new hard; stat -c %h hard; ln -s new soft; ln -sf numbers soft; head -n 1 soft; cp -l new hard2; stat -c %h new
rm -rf copy; rm nothere; echo $?; rm -f nothere; echo $?; rm d; echo $?; rmdir d; echo $?; rmdir -p empty
mkdir -p m/n/o; mkdir m; install -m 640 -D table a/b/table; stat -c %a a/b/table
touch -d '2001-02-03 04:05:06' when; date -r when +%s; touch -r table when; stat -c %y when; touch -h -d @5 dangling; stat -c %Y dangling
truncate -s 10000 sparse; stat -c '%s %b' sparse; truncate -s 5 sparse; truncate -r table sparse; stat -c %s sparse
dd if=bytes of=part bs=100 skip=2 count=3 2> /dev/null; cmp -n 300 part bytes 0 200 && echo cut
dd if=numbers of=part bs=2 seek=1 conv=notrunc,ucase status=none; od -c part | head -n 2; dd if=/dev/zero of=/dev/full bs=1 count=1 status=none; echo $?
shred -n 1 -u part; ls part
mktemp -d tmp.XXXX | wc -c
mkfifo p; (cat p &); echo hi > p; sleep 0.05; stat -c %F p; unlink p; mknod q p; test -p q && echo fifo
chmod u=rwx,go= table; chmod -R a-w d; chmod g+s d/e; stat -c %A table d d/e; chmod -R u+w d; chmod 7777 big; stat -c %A big
chown "$(id -u):$(id -g)" numbers; stat -c %h numbers; link numbers n3; cp --reflink=auto -u numbers n4; cmp numbers n4; cp numbers nothere/; echo $?
cp big sink; cat big big > twice; cat twice > twice2; split -b 100K twice tw; cat tw* | cmp - twice && echo whole
