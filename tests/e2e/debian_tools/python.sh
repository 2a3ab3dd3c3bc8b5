cat > p.py <<'EOF'
import ctypes, decimal, fcntl, hashlib, json, mmap, multiprocessing, os, pathlib, pty, re, select, signal, sqlite3
import subprocess, sys, tempfile, threading, time, zlib
from concurrent.futures import ThreadPoolExecutor

def square(x):
    return x * x

if __name__ == "__main__":
    print(sys.version_info[:2], sys.platform, os.uname().machine)
    print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True))
    try:
        subprocess.run(["sleep", "100"], timeout=0.05)
    except subprocess.TimeoutExpired:
        print("timed out")
    threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "a").write_text("x")
        print(os.listdir(folder), [entry.is_file() for entry in os.scandir(folder)])
    print(hashlib.sha256(b"a").hexdigest()[:8], zlib.crc32(b"abc"), json.dumps({"a": [1, 2.5, None]}))
    print(list(ThreadPoolExecutor(4).map(square, range(5))))
    with multiprocessing.Pool(3) as pool:
        print(pool.map(square, range(10)))
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=queue.put, args=("from a process",))
    process.start()
    print(queue.get())
    process.join()
    area = mmap.mmap(-1, 8192)
    area[:3] = b"abc"
    print(area[:3], ctypes.CDLL(None).strlen(b"four"), decimal.Decimal(1) / 7)
    signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause()
    pid, master = pty.fork()
    if pid == 0:
        os.execvp("tty", ["tty"])
    print(os.read(master, 100), os.waitpid(pid, 0)[1])
    base = sqlite3.connect("d")
    base.execute("create table t (x)")
    base.executemany("insert into t values (?)", [(n,) for n in range(100)])
    print(base.execute("select sum(x) from t").fetchone())
    poll = select.epoll()
    r, w = os.pipe()
    poll.register(r, select.EPOLLIN)
    os.write(w, b"x")
    print(len(poll.poll(1)), re.sub(r"(\w+) (\w+)", r"\2 \1", "one two"))
EOF
python3 p.py
python3 -c 'raise SystemExit(4)'; echo $?
python3 -c '1 / 0' | tail -n 1; echo 'print(input())' > i.py; echo typed | python3 i.py
