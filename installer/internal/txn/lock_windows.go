package txn

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// tryLock opens a file beside the directory which nobody else can open while
// this handle lives and which the system deletes when it closes. It can't be
// inside: a directory with open files can't be renamed over.
func tryLock(dir string) (handle, error) {
	name := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".xpip-lock")
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(path, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil,
		windows.OPEN_ALWAYS, windows.FILE_ATTRIBUTE_HIDDEN|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	switch {
	case err == nil:
		return os.NewFile(uintptr(h), name), nil
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION), errors.Is(err, windows.ERROR_DELETE_PENDING):
		return nil, errHeld
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return nil, errors.Join(err, errors.ErrUnsupported)
	default:
		return nil, err
	}
}
