// A playable sound: one second of a 330 Hz tone, MPEG 2 layer III, 16 kHz, mono. Made with ffmpeg's own generators, and
// stored as text since an encoder would need far more code.

const BASE64 = `
//MoxAAJ4ALNv0EYAlgE5bgP/wAD4Ph95wTg+D90EDkuD4Pn4gDHB////D/KO4f5R3P9HvXCCDCDDAABpSgX0PyUwoYZ+wok
//MoxBMR+PKQVZpoAPcnHNJrwRa4W50g2npAMkB0gev47hhhhib/j1HqZF4vf+Yl0upF4vfiUJA038qEgaEp3/g01TZPSXBA
//MoxAYN8FY4Ad4AAABuYDwN5g+AymCMAiYFQQ5iPEjmfkrGcYY5Bi8iXGEuAQW1MAoBUmAEWwmtaO////+iyq1oivoLUzk5
//MoxAkOMFYsANeyREzrg0iswUATTC3DEM7SZw7rRKjD0BHMFkBQBkjSykG4PDKjv////r/+z///////pssbUta8YQRnamJp
//MoxAsNqFooAN/wROQGhFpgJwEGYDqDKGEQJ2xjWYToYEMBUmAUgIxo+FzLbc9oMDXv////v/9V/luWNfMEHDmyIBP4CTTA
//MoxA8NoFosAN/wRAQBXMAuBUjBz0UIxewIgMBpAjTAGgDoy5ACCz6g7JIHvf////cn/qXeq8w3MROjZxjDnxQECgLzB2B0
//MoxBMKmFo0ANewRDLRdQOP4NQwtQKTA6AGBbwhCANd7sU+Cscqs03UVeGglGGTmRMGBqBUYRAOJl4rmnKkFWYX4EBggABh
//MoxCMLyFY0ANewRPImKtd04Kqs////9NXHLG0/oNIHaNGgGmbIGBOCAYIwbZjB2VmmwK2YLIKRgKAOgEicsFTsWneq/uE+
//MoxC4KmFo4ANewRPwYCEnFBok2GRgRgGgoGAWJmYkX0J+y9ZhwPhgOGYMBQKgKX8XQ28gv/////d/99f3hNugIaz03MhJB
//MoxD4MmFowAN+6QDmAQAIYLoQJkqPTm72HCYSAFhgWgEgbBb9Ihhj/0j///////SrLdyZbEOPzGzwCmMUXMDICEwiwSjME
//MoxEYL2FY4AM+wRD9jmPBuMMIA8HBDDcSZaljgQXNN////9P/01cscqWGgsTOKbMuKMkNMCADMwRQsDGIk4NPMRgwWgQTA
//MoxFEMCFY0ANewRFwEiyKpoySCUsX+X5yBwUCAsaInIyYJMBYFclE6MJ/+o5GfQwVIEKBkIwVEQBI9svbyT3v////u/+/9
//MoxFsKYFo8ANeMSFeUOmFGBz3RlyoQAMAUBcwYAsjJ7n2N/YSwwnQQzAwAUOIwUQvGu93Je7////0qxuUMGKJkrYAIIEJJ
//MoxGwMAFowAN+6QImWGCmBYYbQHppHlMnywCSYmYAwcHCU1C1gQOnO3CS6//////9dxypZUykAvD+TDaLTZrDBPBkMJYSc
//MoxHcL2FY0ANewRMv/mk5cBxzDDB0MEIC08uBQXGhl3orf////+7/1///////+5cb9FB7HCIXj4EM6AUy2LDASwKowCgIr
//MoxIIMaFooAN+yRDAB2wUwb2UKncMDWSBsIQZBACI4J5tmo/////tT/12f////7ej86krZQAX5/JZrDgkjAAGhg6iHmXty
//MoxIsOIFosANewRMnL2N+YXgNxgfgVniBpKAgJiMvih/////0//b///////0rK7QQalIQwJgUySqhhhiYC0ARhwPuYpoFi
//MoxI0PAFogAOf6QJoLYBqGBYAsCFifgR+BkEEjI443////yX/ySMscpS6QUXnPemdQGcOmBsCGYPIYxlAUCG/iJoYTwJJg
//MoxIwN6FYsANewRGYCxwCgOe2PQzLsasuX6KBgcCgMbM5ADLBUwKAXTAnE8MKz+w4zfYweIEChoKAqVACUrdds0ivf////
//MoxI8NAFYkAN/yRH//dfwp4wyswA0OJPjNRUmMRkEMwYBKjKh+IOHIeQwpQezA0AwOdTIYsmmOwSL2P//////u3q7HGfjE
//MoxJYK0Fo0ANewRMMncC60LkgMC8YTQGBm4o2HXQDkYcIBYOCcDQwxQu2sO4E2c////9H/0McqsqbiFYBzKBnFpoURghgk
//MoxKUMaFowAN+6QBhKBkmYnQOc2wm5hkglGCIAuewCSWLwW+1Ke//////9FccrM8/JgIMcQIGcBZlowYGILxgfCcmJf9Kf
//MoxK4MgFosAN+wRJT2mIY/GBgZg0EhwAV4PI50hv/////f/9z87EvZwYGUnJGZnAUHIQhATDASQUEwjxCBMdFCBzAiAIQw
//MoxLcL+FYwANeyRApANzZYxnLKKCMnil///////1OqqWNszLvmACBmYCANo0D2BgGDAFAhMAQUoz6kJTg9HfMVUTEwyQR0
//MoxMIMWFYwANewRMIwDAHggCQRAAIiY08kkD1O3rYeYMFhcWnDAD5JAxiSAJaaTID/1CCPfxOJUjCw3l4qG4AUFgQ5DzM+
//MoxMsMuFowAN+6QIICURCYY8g32TTdhlSGE6RYp/oXT0i6cYvHei+BWBX/lWBVDP/x5IUHkhSEcxBhChDjiJiAWgAEYxdR
//MoxNMNUFosAN/wRDUhKpw2l9IS7L6Tk6XGErlczYcDEqc0ijsmywFHQjsQXor8n5JMQU1FMy4xMDCqqqqqqqqqqqqqqqqq
//MoxNgM+Fo4AV4AAKqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
//MoxN8WQSJ8I5uAAKqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
//MoxMENKKJAAc8wAaqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq`

export function decodeMp3(): Buffer {
  return Buffer.from(BASE64, 'base64') // which skips the line ends
}
