package sandbox

import (
	"slices"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	numbers := newTable[int, int]()
	for i := range 100 {
		numbers.put(i, i)
	}
	numbers.put(5, 500) // replaced where it is
	for i := range 100 {
		if i%3 == 0 && (!numbers.delete(i) || numbers.delete(i)) {
			t.Fatalf("deleting %d", i)
		}
	}
	numbers.put(0, 0) // back, at the end
	if numbers.len() != 67 || numbers.has(3) || !numbers.has(4) {
		t.Fatalf("%d rows", numbers.len())
	}
	var all []int
	for _, v := range numbers.all() {
		all = append(all, v)
	}
	if len(all) != 67 || !slices.Equal(all[:5], []int{1, 2, 4, 500, 7}) || all[66] != 0 {
		t.Errorf("rows %v", all)
	}
	var paged []int
	for n := int32(1); ; n++ {
		page := numbers.page(&pagination{PageNumber: n, ShowNumber: 10})
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	if !slices.Equal(paged, all) {
		t.Errorf("pages %v", paged)
	}
	for i := range 100 {
		numbers.delete(i)
	}
	if numbers.len() != 0 || len(numbers.page(&pagination{1, 10})) != 0 {
		t.Error("rows after all were deleted")
	}
}

func TestPageOf(t *testing.T) {
	t.Parallel()
	list := []int{1, 2, 3, 4, 5}
	tests := []struct {
		page *pagination
		want []int
	}{
		{&pagination{1, 2}, []int{1, 2}},
		{&pagination{3, 2}, []int{5}},
		{&pagination{4, 2}, nil},
		{&pagination{1, 0}, nil},
		{&pagination{1, -1}, nil},
		{&pagination{0, 2}, nil},
		{nil, nil},
		{&pagination{1<<31 - 1, 1<<31 - 1}, nil},
		{&pagination{1, 1<<31 - 1}, list},
	}
	for _, test := range tests {
		if got := pageOf(list, test.page); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v, want %v", test.page, got, test.want)
		}
	}
	var none *table[int, int]
	if none.len() != 0 || none.has(1) || none.delete(1) || none.page(&pagination{1, 1}) != nil {
		t.Error("a nil table holds something")
	}
}
