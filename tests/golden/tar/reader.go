// Prints what Go's archive/tar, the reader of the container runtime, makes of each archive: one JSON
// line an archive. Built and run by test_tar.py where there is a Go toolchain.
package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

type entry struct {
	Name, Link  string // hex: names need not be UTF-8
	Type        int
	Size, Mtime int64
	Mode        int64
	Uid, Gid    int
	Sum         string
}

func read(path string) (entries []entry, failed bool) {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	reader := tar.NewReader(io.MultiReader(file)) // not seekable, as a decompressor is
	for {
		header, err := reader.Next()
		if err != nil {
			return entries, err != io.EOF
		}
		sum := sha256.New()
		if header.Size < 1<<32 {
			if _, err := io.Copy(sum, reader); err != nil {
				return entries, true
			}
		}
		entries = append(entries, entry{
			hex.EncodeToString([]byte(header.Name)), hex.EncodeToString([]byte(header.Linkname)),
			int(header.Typeflag), header.Size, header.ModTime.Unix(), header.Mode,
			header.Uid, header.Gid, hex.EncodeToString(sum.Sum(nil)),
		})
	}
}

func main() {
	for _, path := range os.Args[1:] {
		entries, failed := read(path)
		line, _ := json.Marshal(map[string]any{"path": path, "entries": entries, "failed": failed})
		fmt.Println(string(line))
	}
}
