export GO111MODULE=off GOTOOLCHAIN=local GOCACHE=/w/cache GOFLAGS=-p=1
cat > hello.go <<'EOF'
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	sum, got, numbers := 0, 0, make(chan int)
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			sum += i
			mu.Unlock()
			numbers <- i
		}()
	}
	for i := 0; i < 100; i++ {
		got += <-numbers
	}
	wg.Wait()
	var kept [][]byte
	for i := 0; i < 1000; i++ {
		kept = append(kept, make([]byte, 100000))
		if i%10 == 0 {
			kept = nil
		}
	}
	runtime.GC()
	ticker := time.NewTicker(5 * time.Millisecond)
	for i := 0; i < 3; i++ {
		<-ticker.C
	}
	out, err := exec.Command("sh", "-c", "echo child; exit 2").Output()
	fmt.Printf("%d %d %s %q %v\n", sum, got, runtime.GOARCH, out, err)
	defer func() {
		fmt.Println("recovered", recover())
		os.Exit(4)
	}()
	var nothing *int
	fmt.Println(*nothing)
}
EOF
go build -o hello hello.go; ./hello; echo $?
