md5sum bytes big; sha1sum bytes; sha224sum text; sha256sum big; sha384sum void; sha512sum big; b2sum big; cksum big; sum bytes
sha256sum big text > sums; sha256sum -c sums; echo x >> text; sha256sum -c sums; echo $?; md5sum --tag text; cksum -a sysv text
base64 bytes | tail -n 1; base64 -w 0 bytes | base64 -d | cmp - bytes && echo same; base32 text | head -n 1
basenc --base16 <<< hex; printf 12345678 | basenc --z85; md5sum nothere; echo $?
