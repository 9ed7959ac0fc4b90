/**
 * Program IDL in camelCase format in order to be used in JS/TS.
 *
 * Note that this is only a type helper and is not the actual IDL. The original
 * IDL can be found at `target/idl/0.1.0/energy_sharing.json`.
 */
export type EnergySharing = {
  "address": "6KFWpPXXubewkuDbGxcyidwCg1VCsbGVjwSq3naDFRsU",
  "metadata": {
    "name": "energySharing",
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
          "name": "community",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "admit",
      "discriminator": [
        192,
        169,
        4,
        138,
        248,
        90,
        184,
        47
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "participant",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "creditLimit",
          "type": "u64"
        }
      ]
    },
    {
      "name": "beginPeriod",
      "discriminator": [
        169,
        94,
        105,
        194,
        76,
        76,
        187,
        158
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period",
          "writable": true
        },
        {
          "name": "clock",
          "address": "SysvarC1ock11111111111111111111111111111111"
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
          "name": "digest",
          "type": "pubkey"
        }
      ]
    },
    {
      "name": "closePeriod",
      "discriminator": [
        159,
        227,
        121,
        98,
        196,
        232,
        214,
        226
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period",
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
      "name": "deposit",
      "discriminator": [
        242,
        35,
        198,
        137,
        82,
        225,
        242,
        182
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "participant",
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
        }
      ]
    },
    {
      "name": "depositReserve",
      "discriminator": [
        187,
        75,
        224,
        96,
        122,
        233,
        220,
        121
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "community",
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
          "name": "paymentMint"
        },
        {
          "name": "community",
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
                  117,
                  110,
                  105,
                  116,
                  121
                ]
              },
              {
                "kind": "account",
                "path": "authority"
              },
              {
                "kind": "account",
                "path": "paymentMint"
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
                "path": "community"
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
          "name": "objectionTime",
          "type": "i64"
        },
        {
          "name": "feeBps",
          "type": "u16"
        }
      ]
    },
    {
      "name": "leave",
      "discriminator": [
        59,
        234,
        148,
        108,
        107,
        149,
        173,
        112
      ],
      "accounts": [
        {
          "name": "signer",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "participant",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "openLine",
      "discriminator": [
        99,
        104,
        130,
        198,
        128,
        34,
        27,
        208
      ],
      "accounts": [
        {
          "name": "payer",
          "writable": true,
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period"
        },
        {
          "name": "participant"
        },
        {
          "name": "line",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  108,
                  105,
                  110,
                  101
                ]
              },
              {
                "kind": "account",
                "path": "period"
              },
              {
                "kind": "account",
                "path": "participant"
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
      "args": []
    },
    {
      "name": "openParticipant",
      "discriminator": [
        85,
        130,
        38,
        105,
        153,
        191,
        151,
        249
      ],
      "accounts": [
        {
          "name": "payer",
          "writable": true,
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "participant",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  112,
                  97,
                  114,
                  116,
                  105,
                  99,
                  105,
                  112,
                  97,
                  110,
                  116
                ]
              },
              {
                "kind": "account",
                "path": "community"
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
      "name": "openPeriod",
      "discriminator": [
        96,
        65,
        78,
        238,
        54,
        186,
        35,
        168
      ],
      "accounts": [
        {
          "name": "payer",
          "writable": true,
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period",
          "writable": true,
          "pda": {
            "seeds": [
              {
                "kind": "const",
                "value": [
                  112,
                  101,
                  114,
                  105,
                  111,
                  100
                ]
              },
              {
                "kind": "account",
                "path": "community"
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
          "name": "community",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "postLine",
      "discriminator": [
        129,
        13,
        118,
        71,
        5,
        173,
        217,
        245
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period",
          "writable": true
        },
        {
          "name": "participant",
          "writable": true
        },
        {
          "name": "line",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "sharedIn",
          "type": "u64"
        },
        {
          "name": "sharedOut",
          "type": "u64"
        },
        {
          "name": "charge",
          "type": "u64"
        },
        {
          "name": "credit",
          "type": "u64"
        }
      ]
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
          "name": "community",
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
      "name": "raiseObjection",
      "discriminator": [
        205,
        171,
        166,
        20,
        240,
        211,
        117,
        86
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period",
          "writable": true
        },
        {
          "name": "participant"
        },
        {
          "name": "line",
          "writable": true
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
          "name": "community",
          "writable": true
        }
      ],
      "args": []
    },
    {
      "name": "setCreditLimit",
      "discriminator": [
        74,
        241,
        91,
        78,
        48,
        66,
        126,
        211
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "participant",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "creditLimit",
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
          "name": "community",
          "writable": true
        }
      ],
      "args": [
        {
          "name": "objectionTime",
          "type": "i64"
        },
        {
          "name": "feeBps",
          "type": "u16"
        }
      ]
    },
    {
      "name": "settleLine",
      "discriminator": [
        40,
        154,
        165,
        230,
        9,
        192,
        197,
        40
      ],
      "accounts": [
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period",
          "writable": true
        },
        {
          "name": "participant",
          "writable": true
        },
        {
          "name": "line",
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
      "name": "withdraw",
      "discriminator": [
        183,
        18,
        70,
        156,
        148,
        109,
        161,
        34
      ],
      "accounts": [
        {
          "name": "owner",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "participant",
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
    },
    {
      "name": "withdrawPeriod",
      "discriminator": [
        187,
        41,
        163,
        133,
        152,
        45,
        187,
        88
      ],
      "accounts": [
        {
          "name": "signer",
          "signer": true
        },
        {
          "name": "community",
          "writable": true
        },
        {
          "name": "period",
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
      "name": "withdrawReserve",
      "discriminator": [
        165,
        158,
        228,
        5,
        114,
        119,
        194,
        14
      ],
      "accounts": [
        {
          "name": "authority",
          "signer": true
        },
        {
          "name": "community",
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
      "name": "community",
      "discriminator": [
        192,
        73,
        211,
        158,
        178,
        81,
        19,
        112
      ]
    },
    {
      "name": "line",
      "discriminator": [
        15,
        73,
        125,
        153,
        180,
        13,
        80,
        187
      ]
    },
    {
      "name": "participant",
      "discriminator": [
        32,
        142,
        108,
        79,
        247,
        179,
        54,
        6
      ]
    },
    {
      "name": "period",
      "discriminator": [
        238,
        24,
        19,
        43,
        114,
        210,
        252,
        212
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
      "name": "communityInitialized",
      "discriminator": [
        187,
        211,
        12,
        9,
        209,
        206,
        28,
        206
      ]
    },
    {
      "name": "communityPaused",
      "discriminator": [
        29,
        47,
        39,
        189,
        188,
        229,
        168,
        232
      ]
    },
    {
      "name": "communityResumed",
      "discriminator": [
        16,
        197,
        141,
        34,
        225,
        66,
        160,
        154
      ]
    },
    {
      "name": "creditLimitSet",
      "discriminator": [
        21,
        100,
        156,
        184,
        242,
        16,
        59,
        169
      ]
    },
    {
      "name": "deposited",
      "discriminator": [
        111,
        141,
        26,
        45,
        161,
        35,
        100,
        57
      ]
    },
    {
      "name": "lineOpened",
      "discriminator": [
        200,
        206,
        237,
        128,
        16,
        167,
        83,
        72
      ]
    },
    {
      "name": "linePosted",
      "discriminator": [
        67,
        92,
        174,
        121,
        6,
        205,
        0,
        29
      ]
    },
    {
      "name": "lineSettled",
      "discriminator": [
        210,
        73,
        95,
        157,
        29,
        240,
        149,
        187
      ]
    },
    {
      "name": "objectionRaised",
      "discriminator": [
        104,
        82,
        220,
        212,
        17,
        10,
        9,
        125
      ]
    },
    {
      "name": "participantAdmitted",
      "discriminator": [
        118,
        162,
        194,
        240,
        106,
        148,
        33,
        242
      ]
    },
    {
      "name": "participantLeft",
      "discriminator": [
        236,
        131,
        8,
        138,
        164,
        181,
        57,
        146
      ]
    },
    {
      "name": "participantOpened",
      "discriminator": [
        54,
        25,
        201,
        44,
        22,
        242,
        43,
        26
      ]
    },
    {
      "name": "periodBegun",
      "discriminator": [
        105,
        252,
        70,
        144,
        178,
        249,
        18,
        159
      ]
    },
    {
      "name": "periodClosed",
      "discriminator": [
        232,
        19,
        105,
        193,
        232,
        214,
        254,
        19
      ]
    },
    {
      "name": "periodOpened",
      "discriminator": [
        166,
        218,
        93,
        92,
        11,
        93,
        66,
        3
      ]
    },
    {
      "name": "periodWithdrawn",
      "discriminator": [
        239,
        135,
        151,
        176,
        202,
        222,
        135,
        216
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
    },
    {
      "name": "reserveDeposited",
      "discriminator": [
        97,
        31,
        143,
        158,
        209,
        4,
        254,
        91
      ]
    },
    {
      "name": "reserveWithdrawn",
      "discriminator": [
        186,
        11,
        109,
        7,
        117,
        246,
        188,
        249
      ]
    },
    {
      "name": "withdrawn",
      "discriminator": [
        20,
        89,
        223,
        198,
        194,
        124,
        219,
        13
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
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "proposed",
            "type": "pubkey"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "community",
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
            "name": "paymentMint",
            "type": "pubkey"
          },
          {
            "name": "vault",
            "type": "pubkey"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
            "type": "u64"
          },
          {
            "name": "reservePledged",
            "type": "u64"
          },
          {
            "name": "participantCount",
            "type": "u64"
          },
          {
            "name": "run",
            "type": "u64"
          },
          {
            "name": "settledUntil",
            "type": "i64"
          },
          {
            "name": "objectionTime",
            "type": "i64"
          },
          {
            "name": "sequence",
            "type": "u64"
          },
          {
            "name": "feeBps",
            "type": "u16"
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
      "name": "communityInitialized",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "authority",
            "type": "pubkey"
          },
          {
            "name": "paymentMint",
            "type": "pubkey"
          },
          {
            "name": "vault",
            "type": "pubkey"
          },
          {
            "name": "objectionTime",
            "type": "i64"
          },
          {
            "name": "feeBps",
            "type": "u16"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "communityPaused",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "communityResumed",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "creditLimitSet",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "creditLimit",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "deposited",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "repaid",
            "type": "u64"
          },
          {
            "name": "funds",
            "type": "u64"
          },
          {
            "name": "owed",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "line",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "run",
            "type": "u64"
          },
          {
            "name": "sharedIn",
            "type": "u64"
          },
          {
            "name": "sharedOut",
            "type": "u64"
          },
          {
            "name": "charge",
            "type": "u64"
          },
          {
            "name": "credit",
            "type": "u64"
          },
          {
            "name": "lent",
            "type": "u64"
          },
          {
            "name": "objected",
            "type": "bool"
          },
          {
            "name": "settled",
            "type": "bool"
          }
        ]
      }
    },
    {
      "name": "lineOpened",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "linePosted",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "sharedIn",
            "type": "u64"
          },
          {
            "name": "sharedOut",
            "type": "u64"
          },
          {
            "name": "charge",
            "type": "u64"
          },
          {
            "name": "credit",
            "type": "u64"
          },
          {
            "name": "pledged",
            "type": "u64"
          },
          {
            "name": "lent",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "lineSettled",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "charge",
            "type": "u64"
          },
          {
            "name": "credit",
            "type": "u64"
          },
          {
            "name": "funds",
            "type": "u64"
          },
          {
            "name": "owed",
            "type": "u64"
          },
          {
            "name": "unsettled",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "objectionRaised",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "objectionCount",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "participant",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "joined",
            "type": "u64"
          },
          {
            "name": "left",
            "type": "u64"
          },
          {
            "name": "funds",
            "type": "u64"
          },
          {
            "name": "owed",
            "type": "u64"
          },
          {
            "name": "creditLimit",
            "type": "u64"
          },
          {
            "name": "pledged",
            "type": "u64"
          },
          {
            "name": "run",
            "type": "u64"
          }
        ]
      }
    },
    {
      "name": "participantAdmitted",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "creditLimit",
            "type": "u64"
          },
          {
            "name": "participantCount",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "participantLeft",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "participantCount",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "participantOpened",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "owner",
            "type": "pubkey"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "period",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "digest",
            "type": "pubkey"
          },
          {
            "name": "run",
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
            "name": "begunAt",
            "type": "i64"
          },
          {
            "name": "closedAt",
            "type": "i64"
          },
          {
            "name": "objectionTime",
            "type": "i64"
          },
          {
            "name": "participantCount",
            "type": "u64"
          },
          {
            "name": "postedCount",
            "type": "u64"
          },
          {
            "name": "settledCount",
            "type": "u64"
          },
          {
            "name": "objectionCount",
            "type": "u64"
          },
          {
            "name": "sharedIn",
            "type": "u64"
          },
          {
            "name": "sharedOut",
            "type": "u64"
          },
          {
            "name": "charges",
            "type": "u64"
          },
          {
            "name": "credits",
            "type": "u64"
          },
          {
            "name": "collected",
            "type": "u64"
          },
          {
            "name": "paid",
            "type": "u64"
          },
          {
            "name": "feeBps",
            "type": "u16"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "state",
            "type": {
              "defined": {
                "name": "state"
              }
            }
          }
        ]
      }
    },
    {
      "name": "periodBegun",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
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
            "name": "digest",
            "type": "pubkey"
          },
          {
            "name": "participantCount",
            "type": "u64"
          },
          {
            "name": "objectionTime",
            "type": "i64"
          },
          {
            "name": "feeBps",
            "type": "u16"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "periodClosed",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "shared",
            "type": "u64"
          },
          {
            "name": "charges",
            "type": "u64"
          },
          {
            "name": "credits",
            "type": "u64"
          },
          {
            "name": "settlesAt",
            "type": "i64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "periodOpened",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "number",
            "type": "u8"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "periodWithdrawn",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "period",
            "type": "pubkey"
          },
          {
            "name": "postedCount",
            "type": "u64"
          },
          {
            "name": "objectionCount",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "objectionTime",
            "type": "i64"
          },
          {
            "name": "feeBps",
            "type": "u16"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "reserveDeposited",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "reserveWithdrawn",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
      "name": "state",
      "type": {
        "kind": "enum",
        "variants": [
          {
            "name": "unused"
          },
          {
            "name": "posting"
          },
          {
            "name": "closed"
          },
          {
            "name": "settled"
          },
          {
            "name": "withdrawn"
          }
        ]
      }
    },
    {
      "name": "withdrawn",
      "type": {
        "kind": "struct",
        "fields": [
          {
            "name": "community",
            "type": "pubkey"
          },
          {
            "name": "participant",
            "type": "pubkey"
          },
          {
            "name": "amount",
            "type": "u64"
          },
          {
            "name": "funds",
            "type": "u64"
          },
          {
            "name": "prepaid",
            "type": "u64"
          },
          {
            "name": "reserve",
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
