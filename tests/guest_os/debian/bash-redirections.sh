cat <<EOF > here
expanded $((1 + 1)) $(echo sub)
EOF
cat <<'EOF' >> here
kept $((1 + 1))
EOF
cat <<-EOF >> here
	stripped
	EOF
cat here
cat <<< "a string"
exec 5<> here; read -r line <&5; echo "read $line"; echo over >&5; exec 5>&-; cat here
{ echo out; echo err >&2; } 2> e > o; cat o e
{ echo both; nosuch_x; } &> b; wc -l < b
set -C; echo x > o; echo "status $?"; echo x >| o; cat o; set +C
exec 3> three; echo to3 >&3; exec 3>&-; echo fail >&3; echo "$?"; cat three
echo a > f1 > f2; wc -c f1 f2
cat < nothere; echo "$?"
: > "text/x"; echo "$?"
read -r -n 3 part <<< abcdef; echo "$part"
read -r -d : part <<< 'one:two'; echo "$part"
while read -r a b c; do echo "$c/$a"; done < table
IFS=, read -ra words <<< "x,y z,w"; echo "${words[1]}"
echo "via fd" > /dev/fd/1
echo "and stdout" | cat /dev/stdin
read -t 0.01 x < <(sleep 1); echo "$((($? > 128)))"
