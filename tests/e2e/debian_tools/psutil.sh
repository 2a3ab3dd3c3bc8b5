sleep 100 & setsid -f sleep 200; sleep 0.1
cat > p.py <<'EOF'
import os, psutil, subprocess, threading, time

def names(processes):
    return sorted(process.name() for process in processes)

me = psutil.Process()
print(psutil.pids() == sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))
print(names(psutil.process_iter()), [parent.pid for parent in me.parents()], names(psutil.Process(1).children()))
print(me.username(), me.uids(), me.nice(), me.cwd(), os.path.basename(me.exe()), me.cmdline(), me.environ()["HOME"])
print(me.rlimit(psutil.RLIMIT_NOFILE), me.cpu_affinity(), me.ionice().value, me.terminal(), me.net_connections())
with open("opened", "w") as file:
    print(me.open_files(), me.num_fds())
full, info = me.memory_full_info(), me.memory_info()
print(full.rss == info.rss >= full.pss >= full.uss > 0, info.vms > info.rss, info.vms % 4096)
grouped = {os.path.basename(area.path): area for area in me.memory_maps()}
print(grouped["[heap]"].rss == grouped["[heap]"].private_dirty > 0, "[stack]" in grouped, "libc.so.6" in grouped)
print(sum(area.rss for area in me.memory_maps()) == me.memory_info().rss)
ready = threading.Event()
threads = [threading.Thread(target=ready.wait) for _ in range(3)]
[thread.start() for thread in threads]
print(me.num_threads(), len(me.threads()))
ready.set()
[thread.join() for thread in threads]
child = psutil.Popen(["sleep", "50"])
child.suspend()
time.sleep(0.1)
print(child.status(), child.parent() == me)
child.resume()
time.sleep(0.1)
print(child.status(), psutil.wait_procs([child], timeout=0.1)[1] == [child])
child.terminate()
print(child.wait(), child.is_running())
zombie = os.fork() or os._exit(3)
time.sleep(0.1)
found = psutil.Process(zombie)
try:
    found.cmdline()
except psutil.ZombieProcess:
    print(found.status(), found.wait(), psutil.pid_exists(zombie))
busy = time.process_time()
while time.process_time() < busy + 0.2:
    pass
print(abs(sum(me.cpu_times()[:2]) - time.process_time()) < 0.02, me.num_ctx_switches().involuntary > 0)
memory = psutil.virtual_memory()
print(memory.total >> 20, 0 < memory.used < memory.total, memory.free <= memory.available <= memory.total)
print(psutil.swap_memory().total, psutil.cpu_count(), psutil.getloadavg()[0] < 1, psutil.boot_time(), psutil.users())
print(abs(time.time() - psutil.boot_time() - float(open("/proc/uptime").read().split()[0])) < 0.1)
times = psutil.cpu_times_percent(2)
print(times.idle > 90, psutil.cpu_stats().ctx_switches > 10, psutil.disk_partitions(), psutil.disk_io_counters())
print([part.mountpoint for part in psutil.disk_partitions(all=True) if part.fstype == "proc"])
EOF
python3 p.py
lscpu | grep -e Architecture -e Order -e 'CPU(s)' -e Thread
