package pep440_test

import (
	"fmt"

	"github.com/xpip/xpip/requirements/pep440"
)

func Example() {
	wanted, err := pep440.ParseSpecifiers(">=1.21, !=1.25.*, <3")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range []string{"1.26.20", "1.25.8", "2.0.0-RC.1", "3.0rc1"} {
		v := pep440.MustParse(s)
		fmt.Println(v, wanted.Contains(v))
	}
	// Output:
	// 1.26.20 true
	// 1.25.8 false
	// 2.0.0rc1 true
	// 3.0rc1 false
}

func ExampleSet() {
	app, _ := pep440.ParseSpecifiers(">=2")
	boto, _ := pep440.ParseSpecifiers("<1.27,!=1.25")
	fmt.Println(app.Set().Intersect(boto.Set()))
	fmt.Println(app.Set().Union(boto.Set()))
	fmt.Println(boto.Set().Minus(pep440.Exactly(pep440.MustParse("1.24.3"))))
	// Output:
	// no version
	// !=1.25,<1.27 or >=2
	// !=1.24.3,!=1.25,<1.27
}
