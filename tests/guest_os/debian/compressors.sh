gzip -k big; gzip -l big.gz | tail -n 1; gzip -t big.gz && echo sound; zcat big.gz | cmp - big && echo same; gzip -9 < bytes | gunzip | cmp - bytes; gzip -dc < big.gz | md5sum
xz -k big; xz -t big.xz && echo sound; xzcat big.xz | cmp - big && echo same; xz -l big.xz | tail -n 1; xz -0 < bytes | xz -d | cmp - bytes; xz --format=lzma -k text; xz --format=lzma -dc text.lzma | cmp - text
xz -T 2 --block-size=50000 -k -c big | xz -dc | md5sum; bzip2 -k big; bzip2 -t big.bz2 && echo sound; bzcat big.bz2 | cmp - big && echo same; bzip2 -1 < bytes | bunzip2 | cmp - bytes
gzip -n < big | md5sum; bzip2 < big | md5sum; xz < big | md5sum; cp big.gz bad.gz; printf X | dd of=bad.gz bs=1 seek=500 conv=notrunc status=none; gunzip -t bad.gz; echo $?
gzip text; ls text*; gunzip text.gz; stat -c '%Y %a' text; gzip text nothere; echo $?; gunzip text.gz; zgrep -c 'line 1' big.gz; xzgrep -c 'line 1' big.xz; bzgrep -c 'line 1' big.bz2; zcmp big.gz big && echo same
gzip -r d; find d -name '*.gz' | wc -l; head -c 3000000 /dev/zero | gzip | wc -c; head -c 1000000 /dev/zero | xz | wc -c; echo plain | gzip -d; echo $?; echo plain | xz -d; echo $?
gzip -c bytes > two.gz; gzip -c text >> two.gz; zcat two.gz | wc -c; xz --robot -l big.xz | cut -f 1; gzip bytes < /dev/null; gunzip -c bytes > /dev/null; ls bytes*; gzip -d bytes.gz; cmp bytes <(bzip2 < bytes | bzip2 -d)
