package config

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"
)

// fill sets every field there is to something, so that a field that Clone
// forgets can't hide by being empty.
func fill(v reflect.Value, n *uint64) {
	*n++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(string(rune('a' + *n%26)))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(*n%200 + 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n%100 + 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 4))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		switch v.Interface().(type) {
		case netip.Addr:
			v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{10, 0, 0, byte(*n)})))
			return
		case netip.Prefix:
			v.Set(reflect.ValueOf(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(*n)}), 24)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("a field of kind " + v.Kind().String() + ": teach fill and Clone")
	}
}

// memory visits every slice and pointer that v leads to.
func memory(v reflect.Value, path string, visit func(path string, at uintptr)) {
	switch v.Kind() {
	case reflect.Pointer:
		visit(path, v.Pointer())
		memory(v.Elem(), path, visit)
	case reflect.Slice:
		visit(path, v.Pointer())
		for i := range v.Len() {
			memory(v.Index(i), path+"[]", visit)
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "net/netip" {
			return
		}
		for i := range v.NumField() {
			memory(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	c, n := new(Config), uint64(0)
	fill(reflect.ValueOf(c).Elem(), &n)
	d := c.Clone()
	if !reflect.DeepEqual(c, d) {
		t.Errorf("the copy differs:\n%+v\n%+v", c, d)
	}
	owned := map[uintptr]string{}
	memory(reflect.ValueOf(c), "", func(path string, at uintptr) { owned[at] = path })
	if len(owned) < 50 {
		t.Fatalf("only %d slices and pointers found: looking in the wrong place", len(owned))
	}
	memory(reflect.ValueOf(d), "", func(path string, at uintptr) {
		if owned[at] != "" {
			t.Errorf("the copy shares %s", path)
		}
	})
	if e := new(Config).Clone(); !reflect.DeepEqual(e, new(Config)) {
		t.Errorf("nothing became %+v", e)
	}
}

// inOrder are names as a running configuration has them.
var inOrder = []string{"Loopback0", "Loopback2", "Loopback10", "Tunnel0", "Tunnel9", "Tunnel10", "Tunnel100",
	"Ethernet0", "Ethernet0/0", "Ethernet0/1", "Ethernet0/10", "Ethernet1", "Ethernet1/0", "Ethernet10",
	"FastEthernet0/0", "GigabitEthernet0/0/0", "GigabitEthernet0/0/2"}

func TestCompareNames(t *testing.T) {
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got := CompareNames(a, b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("CompareNames(%s, %s) = %d", a, b, got)
			}
		}
	}
}

func TestInterfaces(t *testing.T) {
	c := new(Config)
	for i := range inOrder {
		c.AddInterface(inOrder[(i*7)%len(inOrder)])
	}
	c.AddInterface("Tunnel9").Description = "added twice"
	var names []string
	for _, i := range c.Interfaces {
		names = append(names, i.Name)
	}
	if !slices.Equal(names, inOrder) {
		t.Errorf("added: %q", names)
	}
	c.RemoveInterface("Tunnel9")
	c.RemoveInterface("Tunnel11")
	for _, name := range append(inOrder, "Tunnel11", "Serial0") {
		got, want := c.Interface(name) != nil, slices.Contains(inOrder, name) && name != "Tunnel9"
		if got != want {
			t.Errorf("%s is there: %v, want %v", name, got, want)
		}
	}
}
