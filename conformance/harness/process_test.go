package harness_test

func beAdapter() int { return 0 }
