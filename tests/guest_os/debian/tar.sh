tar cf a.tar --sort=name d text link script; tar tf a.tar; mkdir out; tar xf a.tar -C out; diff -r d/e out/d/e && stat -c '%a %Y %n' out/script out/d/one
tar tvf a.tar --numeric-owner --full-time d/one | awk '{ print $1, $3, $4, $6, $7, $8 }'; tar rf a.tar numbers; tar tf a.tar | tail -n 1
tar --delete -f a.tar text; tar tf a.tar | grep -c text
tar czf a.tgz d; tar tzf a.tgz | wc -l; tar cJf a.txz d; tar tJf a.txz | wc -l; tar cjf a.tbz d; tar xjOf a.tbz d/e/three; tar xaf a.txz -C out d/two; cat out/d/two
tar cf - d | tar xf - -C empty; ls empty/d; tar cf - --exclude='*.c' d | tar tf - | sort
tar cf x.tar --transform 's,^d,new,' d; tar tf x.tar | sort | head -n 2; tar C d -cf y.tar .; tar -C d -cf y.tar .; tar tf y.tar | sort
ln text hard; tar cf h.tar text hard; tar tvf h.tar | grep -c 'link to'; tar df h.tar; echo z >> text; tar df h.tar --numeric-owner 2>&1 | grep -c differs
truncate -s 1M sparse; echo end >> sparse; tar cSf s.tar sparse; stat -c %s s.tar; tar xf s.tar -C out; cmp sparse out/sparse && echo sparse
tar xf nothere.tar; echo $?
n=$(printf 'x%.0s' $(seq 150)); mkdir -p $n/$n; echo deep > $n/$n/f; tar cf l.tar --format=pax $n; tar tf l.tar | wc -c; tar cf l.tar --format=gnu $n; tar tf l.tar | wc -c
tar cf u.tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=ustar text; sha256sum u.tar; head -c 100 bytes | tar tf -; echo $?
tar cf i.tar -g snar d > /dev/null; touch d/late; tar cf i2.tar -g snar d; tar tf i2.tar | grep late; ls -d t* | tar cf v.tar -T -; tar tf v.tar
mkdir deep; (cd deep; for a in $(seq 12); do mkdir $a; (cd $a; seq 25 | xargs touch); done); tar cf deep.tar --sort=name deep; tar tf deep.tar | wc -l; rm -r deep; tar xf deep.tar; find deep | wc -l
