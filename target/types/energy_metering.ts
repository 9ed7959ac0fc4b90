/**
 * Program IDL in camelCase format in order to be used in JS/TS.
 *
 * Note that this is only a type helper and is not the actual IDL. The original
 * IDL can be found at `target/idl/0.1.0/energy_metering.json`.
 */
export type EnergyMetering = {
  "address": "J769pfHhxBK6pLK5ZDrfhBiH4pfXVMPEiXRZRmiitFyP",
  "metadata": {
    "name": "energyMetering",
    "version": "0.1.0",
    "spec": "0.1.0"
  },
  "instructions": [
    {
      "name": "acceptAuthority",
      "discriminator": [
        107,
        86,
        198,
        91,
        33,
        12,
        107,
        160
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "initialize",
      "discriminator": [
        175,
        175,
        109,
        31,
        13,
        152,
        155,
        237
      ],
      "accounts": [
        {
          "name": "authority",
          "writable": true,
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  105,
                  115,
                  115,
                  117,
                  101,
                  114
                ]
              },
              {
                "kind": "account",
                "path": "authority"
              },
              {
                "kind": "arg",
                "path": "number"
              }
            ]
          }
        },
        {
          "name": "mint",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  105,
                  110,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "issuer"
              }
            ]
          }
        },
        {
          "name": "rent",
          "address": "SysvarRent111111111111111111111111111111111"
        },
        {
          "name": "systemProgram",
          "address": "11111111111111111111111111111111"
        },
        {
          "name": "tokenProgram",
          "address": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
        }
      ],
      "args": [
        {
          "name": "resource",
          "type": {
            "defined": {
              "name": "resource"
            }
          }
        },
        {
          "name": "number",
          "type": "u8"
        }
      ]
    },
    {
      "name": "pause",
      "discriminator": [
        211,
        22,
        221,
        251,
        74,
        121,
        193,
        47
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "proposeAuthority",
      "discriminator": [
        20,
        148,
        236,
        198,
        76,
        119,
        99,
        142
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "proposed",
          "type": "pubkey"
        }
      ]
    },
    {
      "name": "registerMeter",
      "discriminator": [
        49,
        106,
        87,
        72,
        138,
        214,
        224,
        125
      ],
      "accounts": [
        {
          "name": "authority",
          "writable": true,
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        },
        {
          "name": "meter",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  101,
                  116,
                  101,
                  114
                ]
              },
              {
                "kind": "account",
                "path": "issuer"
              },
              {
                "kind": "arg",
                "path": "device"
              }
            ]
          }
        },
        {
          "name": "clock",
          "address": "SysvarC1ock11111111111111111111111111111111"
        },
        {
          "name": "rent",
          "address": "SysvarRent111111111111111111111111111111111"
        },
        {
          "name": "systemProgram",
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "device",
          "type": "pubkey"
        },
        {
          "name": "owner",
          "type": "pubkey"
        },
        {
          "name": "ratedPower",
          "type": "u64"
        },
        {
          "name": "register",
          "type": "u64"
        }
      ]
    },
    {
      "name": "replaceDevice",
      "discriminator": [
        153,
        45,
        138,
        74,
        132,
        58,
        125,
        93
      ],
      "accounts": [
        {
          "name": "authority",
          "writable": true,
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        },
        {
          "name": "meter",
          "writable": true
        },
        {
          "name": "replacement",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  101,
                  116,
                  101,
                  114
                ]
              },
              {
                "kind": "account",
                "path": "issuer"
              },
              {
                "kind": "arg",
                "path": "device"
              }
            ]
          }
        },
        {
          "name": "clock",
          "address": "SysvarC1ock11111111111111111111111111111111"
        },
        {
          "name": "rent",
          "address": "SysvarRent111111111111111111111111111111111"
        },
        {
          "name": "systemProgram",
          "address": "11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "device",
          "type": "pubkey"
        },
        {
          "name": "register",
          "type": "u64"
        }
      ]
    },
    {
      "name": "report",
      "discriminator": [
        96,
        121,
        245,
        84,
        178,
        45,
        48,
        91
      ],
      "accounts": [
        {
          "name": "device",
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        },
        {
          "name": "meter",
          "writable": true
        },
        {
          "name": "mint",
          "writable": true
        },
        {
          "name": "destination",
          "writable": true
        },
        {
          "name": "clock",
          "address": "SysvarC1ock11111111111111111111111111111111"
        },
        {
          "name": "tokenProgram",
          "address": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
        }
      ],
      "args": [
        {
          "name": "register",
          "type": "u64"
        },
        {
          "name": "readAt",
          "type": "i64"
        }
      ]
    },
    {
      "name": "resume",
      "discriminator": [
        1,
        166,
        51,
        170,
        127,
        32,
        141,
        206
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "retireMeter",
      "discriminator": [
        146,
        94,
        119,
        29,
        143,
        175,
        94,
        154
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "issuer",
          "writable": true
        },
        {
          "name": "meter",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "returnRent",
      "discriminator": [
        7,
        9,
        230,
        116,
        102,
        254,
        206,
        111
      ],
      "accounts": [
        {
          "name": "authority",
          "writable": true,
          "signer": true
        },
        {
          "name": "issuer"
        },
        {
          "name": "meter",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "amount",
          "type": "u64"
        }
      ]
    }
  ],
  "accounts": [
    {
      "name": "issuer",
      "discriminator": [
        216,
        19,
        83,
        230,
        108,
        53,
        80,
        14
      ]
    },
    {
      "name": "meter",
      "discriminator": [
        5,
        115,
        227,
        240,
        63,
        166,
        206,
        182
      ]
    }
  ],
  "events": [
    {
      "name": "authorityAccepted",
      "discriminator": [
        166,
        192,
        219,
        188,
        41,
        209,
        195,
        26
      ]
    },
    {
      "name": "authorityProposed",
      "discriminator": [
        244,
        117,
        94,
        112,
        53,
        151,
        35,
        89
      ]
    },
    {
      "name": "deviceReplaced",
      "discriminator": [
        233,
        136,
        90,
        204,
        153,
        167,
        2,
        79
      ]
    },
    {
      "name": "energyReported",
      "discriminator": [
        79,
        242,
        41,
        57,
        1,
        55,
        20,
        53
      ]
    },
    {
      "name": "issuerInitialized",
      "discriminator": [
        130,
        46,
        97,
        66,
        58,
        159,
        113,
        106
      ]
    },
    {
      "name": "issuerPaused",
      "discriminator": [
        181,
        234,
        199,
        102,
        162,
        80,
        86,
        114
      ]
    },
    {
      "name": "issuerResumed",
      "discriminator": [
        142,
        136,
        232,
        99,
        171,
        214,
        120,
        203
      ]
    },
    {
      "name": "meterRegistered",
      "discriminator": [
        148,
        168,
        114,
        254,
        79,
        45,
        218,
        143
      ]
    },
    {
      "name": "meterRetired",
      "discriminator": [
        148,
        80,
        62,
        209,
        52,
        84,
        20,
        21
      ]
    }
  ],
  "types": [
    {
      "name": "authorityAccepted",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "authorityProposed",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "proposed",
            "type": "pubkey"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "deviceReplaced",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "meter",
            "type": "pubkey"
          },
          {
            "name": "replacement",
            "type": "pubkey"
          },
          {
            "name": "device",
            "type": "pubkey"
          },
          {
            "name": "register",
            "type": "u64"
          },
          {
            "name": "readAt",
            "type": "i64"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "energyReported",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "meter",
            "type": "pubkey"
          },
          {
            "name": "register",
            "type": "u64"
          },
          {
            "name": "readAt",
            "type": "i64"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "meterMinted",
            "type": "u64"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "issuer",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "creator",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "pendingAuthority",
            "type": "pubkey"
          },
          {
            "name": "mint",
            "type": "pubkey"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "resource",
            "type": {
              "defined": {
                "name": "resource"
              }
            }
          },
          {
            "name": "paused",
            "type": "bool"
          },
          {
            "name": "bump",
            "type": "u8"
          }
        ]
      }
    },
    {
      "name": "issuerInitialized",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "mint",
            "type": "pubkey"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "resource",
            "type": "u8"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "issuerPaused",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "issuerResumed",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "meter",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "device",
            "type": "pubkey"
          },
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "ratedPower",
            "type": "u64"
          },
          {
            "name": "register",
            "type": "u64"
          },
          {
            "name": "readAt",
            "type": "i64"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "retired",
            "type": "bool"
          }
        ]
      }
    },
    {
      "name": "meterRegistered",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "meter",
            "type": "pubkey"
          },
          {
            "name": "device",
            "type": "pubkey"
          },
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "ratedPower",
            "type": "u64"
          },
          {
            "name": "register",
            "type": "u64"
          },
          {
            "name": "readAt",
            "type": "i64"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "meterRetired",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "issuer",
            "type": "pubkey"
          },
          {
            "name": "meter",
            "type": "pubkey"
          },
          {
            "name": "minted",
            "type": "u64"
          },
          {
            "name": "meterCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "resource",
      "type": {
        "kind": "enum",
        "variants": [
          {
            "name": "energy"
          },
          {
            "name": "water"
          },
          {
            "name": "waste"
          }
        ]
      }
    }
  ]
};
