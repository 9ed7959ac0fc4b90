/**
 * Program IDL in camelCase format in order to be used in JS/TS.
 *
 * Note that this is only a type helper and is not the actual IDL. The original
 * IDL can be found at `target/idl/0.1.0/virtual_power_plant.json`.
 */
export type VirtualPowerPlant = {
  "address": "EdMJrMqCN2onj6y8r5fq1NtCPy3S4X2oNYcrbo79mci1",
  "metadata": {
    "name": "virtualPowerPlant",
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
          "name": "plant",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "announce",
      "discriminator": [
        7,
        30,
        100,
        250,
        110,
        253,
        3,
        149
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "dispatch",
          "writable": true
        },
        {
          "name": "paymentVault",
          "writable": true
        },
        {
          "name": "source",
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
          "name": "startsAt",
          "type": "i64"
        },
        {
          "name": "endsAt",
          "type": "i64"
        },
        {
          "name": "target",
          "type": "u64"
        },
        {
          "name": "price",
          "type": "u64"
        },
        {
          "name": "bondPrice",
          "type": "u64"
        },
        {
          "name": "toleranceBps",
          "type": "u16"
        }
      ]
    },
    {
      "name": "cancelDispatch",
      "discriminator": [
        199,
        154,
        246,
        33,
        207,
        32,
        108,
        75
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "dispatch",
          "writable": true
        },
        {
          "name": "paymentVault",
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
      "args": []
    },
    {
      "name": "commit",
      "discriminator": [
        223,
        140,
        142,
        165,
        229,
        208,
        156,
        74
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "dispatch",
          "writable": true
        },
        {
          "name": "commitment",
          "writable": true
        },
        {
          "name": "paymentVault",
          "writable": true
        },
        {
          "name": "source",
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
        },
        {
          "name": "announcement",
          "type": "u64"
        }
      ]
    },
    {
      "name": "deliver",
      "discriminator": [
        250,
        131,
        222,
        57,
        211,
        229,
        209,
        147
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "dispatch",
          "writable": true
        },
        {
          "name": "commitment",
          "writable": true
        },
        {
          "name": "energyVault",
          "writable": true
        },
        {
          "name": "source",
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
          "name": "energyMint"
        },
        {
          "name": "paymentMint"
        },
        {
          "name": "plant",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  112,
                  108,
                  97,
                  110,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "authority"
              },
              {
                "kind": "account",
                "path": "energyMint"
              },
              {
                "kind": "account",
                "path": "paymentMint"
              }
            ]
          }
        },
        {
          "name": "energyVault",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  101,
                  110,
                  101,
                  114,
                  103,
                  121,
                  95,
                  118,
                  97,
                  117,
                  108,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "plant"
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
      "args": []
    },
    {
      "name": "openCommitment",
      "discriminator": [
        141,
        35,
        125,
        23,
        154,
        125,
        209,
        127
      ],
      "accounts": [
        {
          "name": "payer",
          "writable": true,
          "signer": true
        },
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "commitment",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  99,
                  111,
                  109,
                  109,
                  105,
                  116,
                  109,
                  101,
                  110,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "plant"
              },
              {
                "kind": "arg",
                "path": "owner"
              },
              {
                "kind": "arg",
                "path": "number"
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
        },
        {
          "name": "number",
          "type": "u8"
        }
      ]
    },
    {
      "name": "openDispatch",
      "discriminator": [
        57,
        123,
        241,
        94,
        204,
        107,
        128,
        175
      ],
      "accounts": [
        {
          "name": "payer",
          "writable": true,
          "signer": true
        },
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "dispatch",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  100,
                  105,
                  115,
                  112,
                  97,
                  116,
                  99,
                  104
                ]
              },
              {
                "kind": "account",
                "path": "plant"
              },
              {
                "kind": "arg",
                "path": "number"
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
          "name": "number",
          "type": "u8"
        }
      ]
    },
    {
      "name": "openPaymentVault",
      "discriminator": [
        3,
        28,
        210,
        51,
        219,
        86,
        151,
        165
      ],
      "accounts": [
        {
          "name": "payer",
          "writable": true,
          "signer": true
        },
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "paymentMint"
        },
        {
          "name": "paymentVault",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  112,
                  97,
                  121,
                  109,
                  101,
                  110,
                  116,
                  95,
                  118,
                  97,
                  117,
                  108,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "plant"
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
      "args": []
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
          "name": "plant",
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
          "name": "plant",
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
          "name": "plant",
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
          "name": "commitment",
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
      "name": "settleCommitment",
      "discriminator": [
        131,
        217,
        252,
        92,
        136,
        78,
        89,
        78
      ],
      "accounts": [
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "dispatch",
          "writable": true
        },
        {
          "name": "commitment",
          "writable": true
        },
        {
          "name": "paymentVault",
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
      "args": []
    },
    {
      "name": "settleDispatch",
      "discriminator": [
        131,
        109,
        160,
        247,
        215,
        26,
        37,
        88
      ],
      "accounts": [
        {
          "name": "plant",
          "writable": true
        },
        {
          "name": "dispatch",
          "writable": true
        },
        {
          "name": "energyVault",
          "writable": true
        },
        {
          "name": "paymentVault",
          "writable": true
        },
        {
          "name": "energyDestination",
          "writable": true
        },
        {
          "name": "paymentDestination",
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
      "args": []
    }
  ],
  "accounts": [
    {
      "name": "commitment",
      "discriminator": [
        61,
        112,
        129,
        128,
        24,
        147,
        77,
        87
      ]
    },
    {
      "name": "dispatch",
      "discriminator": [
        145,
        102,
        1,
        203,
        163,
        6,
        60,
        50
      ]
    },
    {
      "name": "plant",
      "discriminator": [
        221,
        207,
        23,
        150,
        148,
        54,
        227,
        103
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
      "name": "commitmentOpened",
      "discriminator": [
        199,
        0,
        229,
        107,
        18,
        147,
        226,
        36
      ]
    },
    {
      "name": "commitmentSettled",
      "discriminator": [
        55,
        253,
        253,
        55,
        211,
        151,
        103,
        56
      ]
    },
    {
      "name": "dispatchAnnounced",
      "discriminator": [
        63,
        79,
        204,
        158,
        135,
        102,
        123,
        183
      ]
    },
    {
      "name": "dispatchCancelled",
      "discriminator": [
        41,
        105,
        179,
        3,
        100,
        110,
        185,
        173
      ]
    },
    {
      "name": "dispatchOpened",
      "discriminator": [
        252,
        248,
        49,
        114,
        144,
        143,
        121,
        119
      ]
    },
    {
      "name": "dispatchSettled",
      "discriminator": [
        110,
        207,
        37,
        160,
        33,
        10,
        87,
        174
      ]
    },
    {
      "name": "energyCommitted",
      "discriminator": [
        13,
        222,
        214,
        37,
        83,
        5,
        160,
        185
      ]
    },
    {
      "name": "energyDelivered",
      "discriminator": [
        90,
        11,
        68,
        198,
        212,
        250,
        238,
        90
      ]
    },
    {
      "name": "paymentVaultOpened",
      "discriminator": [
        153,
        245,
        36,
        97,
        89,
        125,
        97,
        127
      ]
    },
    {
      "name": "plantInitialized",
      "discriminator": [
        46,
        170,
        187,
        40,
        69,
        67,
        168,
        194
      ]
    },
    {
      "name": "plantPaused",
      "discriminator": [
        23,
        60,
        100,
        56,
        39,
        1,
        150,
        174
      ]
    },
    {
      "name": "plantResumed",
      "discriminator": [
        54,
        136,
        23,
        153,
        193,
        110,
        64,
        106
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
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "proposed",
            "type": "pubkey"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "commitment",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "delivered",
            "type": "u64"
          },
          {
            "name": "bond",
            "type": "u64"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "active",
            "type": "bool"
          }
        ]
      }
    },
    {
      "name": "commitmentOpened",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "commitment",
            "type": "pubkey"
          },
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "commitmentSettled",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "commitment",
            "type": "pubkey"
          },
          {
            "name": "reward",
            "type": "u64"
          },
          {
            "name": "bond",
            "type": "u64"
          },
          {
            "name": "share",
            "type": "u64"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "dispatch",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "announcement",
            "type": "u64"
          },
          {
            "name": "startsAt",
            "type": "i64"
          },
          {
            "name": "endsAt",
            "type": "i64"
          },
          {
            "name": "target",
            "type": "u64"
          },
          {
            "name": "price",
            "type": "u64"
          },
          {
            "name": "bondPrice",
            "type": "u64"
          },
          {
            "name": "reward",
            "type": "u64"
          },
          {
            "name": "committed",
            "type": "u64"
          },
          {
            "name": "commitmentCount",
            "type": "u64"
          },
          {
            "name": "settledCount",
            "type": "u64"
          },
          {
            "name": "credited",
            "type": "u64"
          },
          {
            "name": "surplus",
            "type": "u64"
          },
          {
            "name": "surplusSettled",
            "type": "u64"
          },
          {
            "name": "bonds",
            "type": "u64"
          },
          {
            "name": "rewardsDue",
            "type": "u64"
          },
          {
            "name": "bondsDue",
            "type": "u64"
          },
          {
            "name": "toleranceBps",
            "type": "u16"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "active",
            "type": "bool"
          },
          {
            "name": "cancelled",
            "type": "bool"
          }
        ]
      }
    },
    {
      "name": "dispatchAnnounced",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "startsAt",
            "type": "i64"
          },
          {
            "name": "endsAt",
            "type": "i64"
          },
          {
            "name": "target",
            "type": "u64"
          },
          {
            "name": "price",
            "type": "u64"
          },
          {
            "name": "bondPrice",
            "type": "u64"
          },
          {
            "name": "toleranceBps",
            "type": "u16"
          },
          {
            "name": "reward",
            "type": "u64"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "dispatchCancelled",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "reward",
            "type": "u64"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "dispatchOpened",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "dispatchSettled",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "energy",
            "type": "u64"
          },
          {
            "name": "payment",
            "type": "u64"
          },
          {
            "name": "pool",
            "type": "u64"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "energyCommitted",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "commitment",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "bond",
            "type": "u64"
          },
          {
            "name": "committed",
            "type": "u64"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "energyDelivered",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "dispatch",
            "type": "pubkey"
          },
          {
            "name": "commitment",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "delivered",
            "type": "u64"
          },
          {
            "name": "credited",
            "type": "u64"
          },
          {
            "name": "surplus",
            "type": "u64"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "paymentVaultOpened",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "paymentVault",
            "type": "pubkey"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "plant",
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
            "name": "energyMint",
            "type": "pubkey"
          },
          {
            "name": "paymentMint",
            "type": "pubkey"
          },
          {
            "name": "energyVault",
            "type": "pubkey"
          },
          {
            "name": "paymentVault",
            "type": "pubkey"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
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
      "name": "plantInitialized",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "energyMint",
            "type": "pubkey"
          },
          {
            "name": "paymentMint",
            "type": "pubkey"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "plantPaused",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
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
      "name": "plantResumed",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "plant",
            "type": "pubkey"
          },
          {
            "name": "energyHeld",
            "type": "u64"
          },
          {
            "name": "paymentHeld",
            "type": "u64"
          },
          {
            "name": "sequence",
            "type": "u64"
          }
        ]
      }
    }
  ]
};
