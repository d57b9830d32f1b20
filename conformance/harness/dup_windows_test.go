package harness_test

import "errors"

func dup(int) (int, error) { return 0, errors.ErrUnsupported }
