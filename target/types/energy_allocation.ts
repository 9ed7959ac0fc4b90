/**
 * Program IDL in camelCase format in order to be used in JS/TS.
 *
 * Note that this is only a type helper and is not the actual IDL. The original
 * IDL can be found at `target/idl/0.1.0/energy_allocation.json`.
 */
export type EnergyAllocation = {
  "address": "2hLdmxESnJqMWB7GM6Z5rERUZNJeNCdTAGdou4ySQJ7v",
  "metadata": {
    "name": "energyAllocation",
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
          "name": "battery",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "allocate",
      "discriminator": [
        64,
        38,
        189,
        129,
        24,
        157,
        82,
        136
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true
        },
        {
          "name": "clock",
          "address": "SysvarC1ock11111111111111111111111111111111"
        }
      ],
      "args": [
        {
          "name": "amount",
          "type": "u64"
        }
      ]
    },
    {
      "name": "consume",
      "discriminator": [
        65,
        178,
        141,
        13,
        95,
        57,
        76,
        154
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true
        },
        {
          "name": "mint",
          "writable": true
        },
        {
          "name": "vault",
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
          "name": "amount",
          "type": "u64"
        }
      ]
    },
    {
      "name": "deallocate",
      "discriminator": [
        28,
        11,
        215,
        105,
        225,
        172,
        150,
        159
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "amount",
          "type": "u64"
        }
      ]
    },
    {
      "name": "depositEnergy",
      "discriminator": [
        168,
        203,
        242,
        121,
        66,
        164,
        170,
        56
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true
        },
        {
          "name": "mint",
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "source",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "address": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
        }
      ],
      "args": [
        {
          "name": "amount",
          "type": "u64"
        },
        {
          "name": "minimumCredit",
          "type": "u64"
        }
      ]
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
          "name": "mint"
        },
        {
          "name": "battery",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  98,
                  97,
                  116,
                  116,
                  101,
                  114,
                  121
                ]
              },
              {
                "kind": "account",
                "path": "authority"
              },
              {
                "kind": "account",
                "path": "mint"
              }
            ]
          }
        },
        {
          "name": "vault",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  118,
                  97,
                  117,
                  108,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "battery"
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
          "name": "capacity",
          "type": "u64"
        },
        {
          "name": "allocationLimit",
          "type": "u64"
        },
        {
          "name": "allocationLifetime",
          "type": "i64"
        },
        {
          "name": "efficiencyBps",
          "type": "u16"
        }
      ]
    },
    {
      "name": "openMember",
      "discriminator": [
        22,
        164,
        33,
        7,
        115,
        77,
        199,
        120
      ],
      "accounts": [
        {
          "name": "payer",
          "writable": true,
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  109,
                  101,
                  109,
                  98,
                  101,
                  114
                ]
              },
              {
                "kind": "account",
                "path": "battery"
              },
              {
                "kind": "arg",
                "path": "owner"
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
        }
      ],
      "args": [
        {
          "name": "owner",
          "type": "pubkey"
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
          "name": "battery",
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
          "name": "battery",
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
      "name": "releaseExpired",
      "discriminator": [
        150,
        199,
        225,
        10,
        15,
        244,
        46,
        47
      ],
      "accounts": [
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true
        },
        {
          "name": "clock",
          "address": "SysvarC1ock11111111111111111111111111111111"
        }
      ],
      "args": []
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
          "name": "battery",
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
          "name": "owner",
          "writable": true,
          "signer": true
        },
        {
          "name": "member",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "amount",
          "type": "u64"
        }
      ]
    },
    {
      "name": "setMemberLimit",
      "discriminator": [
        167,
        96,
        214,
        98,
        116,
        150,
        163,
        197
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "limit",
          "type": "u64"
        }
      ]
    },
    {
      "name": "setPolicy",
      "discriminator": [
        40,
        133,
        12,
        157,
        235,
        202,
        2,
        132
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "capacity",
          "type": "u64"
        },
        {
          "name": "allocationLimit",
          "type": "u64"
        },
        {
          "name": "allocationLifetime",
          "type": "i64"
        },
        {
          "name": "efficiencyBps",
          "type": "u16"
        }
      ]
    },
    {
      "name": "withdrawEnergy",
      "discriminator": [
        15,
        221,
        135,
        69,
        222,
        61,
        234,
        243
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "battery",
          "writable": true
        },
        {
          "name": "member",
          "writable": true
        },
        {
          "name": "vault",
          "writable": true
        },
        {
          "name": "destination",
          "writable": true
        },
        {
          "name": "tokenProgram",
          "address": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
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
      "name": "battery",
      "discriminator": [
        10,
        121,
        15,
        30,
        15,
        72,
        227,
        81
      ]
    },
    {
      "name": "member",
      "discriminator": [
        54,
        19,
        162,
        21,
        29,
        166,
        17,
        198
      ]
    }
  ],
  "events": [
    {
      "name": "allocationReleased",
      "discriminator": [
        13,
        30,
        122,
        132,
        167,
        177,
        23,
        108
      ]
    },
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
      "name": "batteryInitialized",
      "discriminator": [
        43,
        73,
        8,
        124,
        139,
        217,
        137,
        177
      ]
    },
    {
      "name": "batteryPaused",
      "discriminator": [
        155,
        183,
        14,
        214,
        5,
        199,
        242,
        42
      ]
    },
    {
      "name": "batteryResumed",
      "discriminator": [
        127,
        3,
        40,
        126,
        97,
        81,
        74,
        242
      ]
    },
    {
      "name": "energyAllocated",
      "discriminator": [
        245,
        177,
        223,
        12,
        242,
        230,
        132,
        205
      ]
    },
    {
      "name": "energyConsumed",
      "discriminator": [
        7,
        49,
        221,
        236,
        120,
        233,
        254,
        13
      ]
    },
    {
      "name": "energyDeallocated",
      "discriminator": [
        16,
        160,
        151,
        244,
        98,
        58,
        52,
        98
      ]
    },
    {
      "name": "energyDeposited",
      "discriminator": [
        114,
        187,
        5,
        218,
        162,
        9,
        169,
        115
      ]
    },
    {
      "name": "energyWithdrawn",
      "discriminator": [
        207,
        153,
        114,
        192,
        197,
        20,
        23,
        40
      ]
    },
    {
      "name": "memberLimitSet",
      "discriminator": [
        196,
        13,
        127,
        182,
        149,
        57,
        122,
        172
      ]
    },
    {
      "name": "memberOpened",
      "discriminator": [
        62,
        233,
        82,
        51,
        229,
        164,
        111,
        221
      ]
    },
    {
      "name": "policySet",
      "discriminator": [
        126,
        246,
        69,
        48,
        9,
        240,
        226,
        52
      ]
    }
  ],
  "types": [
    {
      "name": "allocationReleased",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "authorityAccepted",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "proposed",
            "type": "pubkey"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "battery",
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
            "name": "vault",
            "type": "pubkey"
          },
          {
            "name": "capacity",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
            "type": "u64"
          },
          {
            "name": "allocationLimit",
            "type": "u64"
          },
          {
            "name": "allocationLifetime",
            "type": "i64"
          },
          {
            "name": "memberCount",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          },
          {
            "name": "efficiencyBps",
            "type": "u16"
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
      "name": "batteryInitialized",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
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
            "name": "capacity",
            "type": "u64"
          },
          {
            "name": "allocationLimit",
            "type": "u64"
          },
          {
            "name": "allocationLifetime",
            "type": "i64"
          },
          {
            "name": "efficiencyBps",
            "type": "u16"
          },
          {
            "name": "resource",
            "type": "u8"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "batteryPaused",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "batteryResumed",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "energyAllocated",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "memberAllocated",
            "type": "u64"
          },
          {
            "name": "expiry",
            "type": "i64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "energyConsumed",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "balance",
            "type": "u64"
          },
          {
            "name": "memberAllocated",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "energyDeallocated",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "memberAllocated",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "energyDeposited",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "credit",
            "type": "u64"
          },
          {
            "name": "balance",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "energyWithdrawn",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "balance",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "member",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "balance",
            "type": "u64"
          },
          {
            "name": "allocated",
            "type": "u64"
          },
          {
            "name": "allocationLimit",
            "type": "u64"
          },
          {
            "name": "allocationExpiry",
            "type": "i64"
          }
        ]
      }
    },
    {
      "name": "memberLimitSet",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "limit",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "memberOpened",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "member",
            "type": "pubkey"
          },
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "memberCount",
            "type": "u64"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
      "name": "policySet",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "battery",
            "type": "pubkey"
          },
          {
            "name": "capacity",
            "type": "u64"
          },
          {
            "name": "allocationLimit",
            "type": "u64"
          },
          {
            "name": "allocationLifetime",
            "type": "i64"
          },
          {
            "name": "efficiencyBps",
            "type": "u16"
          },
          {
            "name": "available",
            "type": "u64"
          },
          {
            "name": "allocated",
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
