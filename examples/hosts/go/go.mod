module weir-host

go 1.19
