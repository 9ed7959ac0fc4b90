//! The four instructions that members use daily, with the program's checks, effects and events and nothing else: no
//! framework, no copies, no allocation. What is left is about the least that a Solana program can need.
//!
//! It reads the accounts where the runtime puts them: each at a fixed place, as long as all before it have the
//! length that is asserted, and none is a duplicate of another.

type Answer = Result<(), Refusal>;

#[repr(u64)]
enum Refusal {
    UnknownInstruction = 1,
    WrongAccounts,
    MissingSignature,
    AnotherOwner,
    AnotherBattery,
    AnotherMint,
    AnotherVault,
    Paused,
    ZeroAmount,
    CreditTooLow,
    ExceedsFreeCapacity,
    ExceedsBalance,
    ExceedsAvailable,
    ExceedsUnallocated,
    ExceedsAllocationLimit,
    ExceedsAllocated,
    TokenProgramFailed,
}

macro_rules! require {
    ($condition:expr, $refusal:ident) => {
        if !$condition {
            return Err(Refusal::$refusal);
        }
    };
}

// Accounts: a header, the data, room for the data to grow, the rent epoch.

const KEY: usize = 8;
const OWNER: usize = 40;
const LAMPORTS: usize = 72;
const LENGTH: usize = 80;
const DATA: usize = 88;
const GROWTH: usize = 10_240;

const fn end(account: usize, length: usize) -> usize {
    account + DATA + length.next_multiple_of(8) + GROWTH + 8
}

const BATTERY_LENGTH: usize = 232;
const MEMBER_LENGTH: usize = 104;
const MINT_LENGTH: usize = 82;
const TOKEN_LENGTH: usize = 165;
const CLOCK_LENGTH: usize = 40;

const ACCOUNTS: usize = 8; // after their number
const SIGNER: usize = ACCOUNTS;
const BATTERY: usize = end(SIGNER, 0);
const MEMBER: usize = end(BATTERY, BATTERY_LENGTH);
const FOURTH: usize = end(MEMBER, MEMBER_LENGTH);

/// The first four bytes of an account's header: no duplicate, and whether it signs, is writable, is executable.
const SIGNS: u32 = 0x0000_01ff;
const WRITABLE: u32 = 0x0001_00ff;

const BATTERY_DISCRIMINATOR: u64 = 0x51e3_480f_1e0f_790a;
const CREATOR: usize = BATTERY + DATA + 8;
const BATTERY_MINT: usize = BATTERY + DATA + 104;
const BATTERY_VAULT: usize = BATTERY + DATA + 136;
const CAPACITY: usize = BATTERY + DATA + 168;
const AVAILABLE: usize = BATTERY + DATA + 176;
const ALLOCATED: usize = BATTERY + DATA + 184;
const ALLOCATION_LIMIT: usize = BATTERY + DATA + 192;
const ALLOCATION_LIFETIME: usize = BATTERY + DATA + 200;
const SEQUENCE: usize = BATTERY + DATA + 216;
const EFFICIENCY_BPS: usize = BATTERY + DATA + 224;
const PAUSED: usize = BATTERY + DATA + 227;
const BUMP: usize = BATTERY + DATA + 228;

const MEMBER_DISCRIMINATOR: u64 = 0xc611_a61d_15a2_1336;
const MEMBER_OWNER: usize = MEMBER + DATA + 8;
const MEMBER_BATTERY: usize = MEMBER + DATA + 40;
const BALANCE: usize = MEMBER + DATA + 72;
const MEMBER_ALLOCATED: usize = MEMBER + DATA + 80;
const MEMBER_LIMIT: usize = MEMBER + DATA + 88;
const EXPIRY: usize = MEMBER + DATA + 96;

const TOKEN_PROGRAM: [u64; 4] =
    [0x93a1_65d7_e1f6_dd06, 0xac79_ebce_46e1_cbd9, 0x9137_5b5f_ed85_b41c, 0xa900_ff7e_85f5_8c3a];
const CLOCK: [u64; 4] =
    [0xc974_c718_17d5_a706, 0xb65e_1d69_9863_5628, 0x5c6d_4b9b_a3b8_5e8b, 0x0000_0000_215b_5573];

/// The runtime's input: number of accounts, accounts, length of the instruction, instruction, program id.
#[derive(Clone, Copy)]
struct Input(*mut u8);

impl Input {
    fn at<T>(self, offset: usize) -> *mut T {
        self.0.wrapping_add(offset).cast()
    }

    fn get<T: Copy>(self, offset: usize) -> T {
        unsafe { *self.at(offset) }
    }

    fn u64(self, offset: usize) -> u64 {
        self.get(offset)
    }

    fn set(self, offset: usize, value: u64) {
        unsafe { *self.at(offset) = value }
    }

    fn same_key(self, a: usize, b: usize) -> bool {
        self.is_key(a, self.get(b))
    }

    fn is_key(self, offset: usize, key: [u64; 4]) -> bool {
        (0..4).all(|word| self.u64(offset + 8 * word) == key[word])
    }

    fn has(self, account: usize, header: u32, length: usize) -> bool {
        self.get::<u32>(account) == header && self.u64(account + LENGTH) == length as u64
    }

    /// The owner signs; the battery and the member are of this program, and belong together.
    fn check_member(self, program_id: usize) -> Answer {
        require!(self.get::<u32>(SIGNER) & SIGNS == SIGNS, MissingSignature);
        require!(self.u64(SIGNER + LENGTH) == 0, WrongAccounts); // or its data could pose as what follows
        require!(self.has(BATTERY, WRITABLE, BATTERY_LENGTH), WrongAccounts);
        require!(self.has(MEMBER, WRITABLE, MEMBER_LENGTH), WrongAccounts);
        require!(self.same_key(BATTERY + OWNER, program_id), WrongAccounts);
        require!(self.same_key(MEMBER + OWNER, program_id), WrongAccounts);
        require!(self.u64(BATTERY + DATA) == BATTERY_DISCRIMINATOR, WrongAccounts);
        require!(self.u64(MEMBER + DATA) == MEMBER_DISCRIMINATOR, WrongAccounts);
        require!(self.same_key(MEMBER_BATTERY, BATTERY + KEY), AnotherBattery);
        require!(self.same_key(MEMBER_OWNER, SIGNER + KEY), AnotherOwner);
        Ok(())
    }

    fn check_token_account(self, account: usize) -> Answer {
        require!(self.has(account, WRITABLE, TOKEN_LENGTH), WrongAccounts);
        require!(self.is_key(account + OWNER, TOKEN_PROGRAM), WrongAccounts);
        Ok(())
    }

    fn battery_is_paused(self) -> bool {
        self.get::<u8>(PAUSED) != 0
    }

    fn unallocated(self) -> u64 {
        self.u64(BALANCE) - self.u64(MEMBER_ALLOCATED)
    }

    fn next_sequence(self) -> u64 {
        let sequence = self.u64(SEQUENCE) + 1;
        self.set(SEQUENCE, sequence);
        sequence
    }

    fn emit<const N: usize>(self, discriminator: u64, own: [u64; N], sequence: u64) {
        #[repr(C)]
        struct Event<const N: usize> {
            discriminator: u64,
            battery: [u64; 4],
            member: [u64; 4],
            own: [u64; N],
            totals: [u64; 3],
        }
        if cfg!(feature = "no-event") {
            return;
        }
        let event = Event {
            discriminator,
            battery: self.get(BATTERY + KEY),
            member: self.get(MEMBER + KEY),
            own,
            totals: [self.u64(AVAILABLE), self.u64(ALLOCATED), sequence],
        };
        let slice = Slice { at: (&raw const event).cast(), length: size_of::<Event<N>>() as u64 };
        unsafe { sol_log_data(&slice, 1) }
    }

    /// A transfer or a burn: the token program's instruction of one amount, over three accounts.
    fn call_token_program(self, what: u8, accounts: [usize; 3], amount: u64, seeds: &[Slice]) -> Answer {
        #[repr(C, packed)]
        struct Data {
            what: u8,
            amount: u64,
        }
        let [from, to, authority] = accounts;
        let data = Data { what, amount };
        let meta = |account: usize, is_signer: bool| Meta {
            key: self.at(account + KEY),
            is_writable: !is_signer,
            is_signer,
        };
        let metas = [meta(from, false), meta(to, false), meta(authority, true)];
        let infos = accounts.map(|account| self.info(account));
        let instruction = Instruction {
            program_id: TOKEN_PROGRAM.as_ptr().cast(),
            metas: metas.as_ptr(),
            metas_length: 3,
            data: (&raw const data).cast(),
            data_length: size_of::<Data>() as u64,
        };
        let signer = Slice { at: seeds.as_ptr().cast(), length: seeds.len() as u64 };
        let signers = u64::from(!seeds.is_empty());
        let answer = unsafe { sol_invoke_signed_c(&instruction, infos.as_ptr(), 3, &signer, signers) };
        require!(answer == 0, TokenProgramFailed);
        Ok(())
    }

    fn info(self, account: usize) -> Info {
        let header: [u8; 4] = self.get(account);
        let length = self.u64(account + LENGTH);
        Info {
            key: self.at(account + KEY),
            lamports: self.at(account + LAMPORTS),
            length,
            data: self.at(account + DATA),
            owner: self.at(account + OWNER),
            rent_epoch: self.u64(end(account, length as usize) - 8),
            is_signer: header[1] != 0,
            is_writable: header[2] != 0,
            is_executable: header[3] != 0,
        }
    }
}

// Instructions: each has a number of accounts of its own, so that the number finds it.

#[no_mangle]
pub extern "C" fn entrypoint(input: *mut u8) -> u64 {
    let input = Input(input);
    let answer = match input.u64(0) {
        3 => deallocate(input),
        4 => allocate(input),
        6 => withdraw_energy(input),
        7 => deposit_energy(input),
        _ => Err(Refusal::UnknownInstruction),
    };
    match answer {
        Ok(()) => 0,
        Err(refusal) => refusal as u64,
    }
}

/// std asks for it when a sum overflows, and then aborts.
#[no_mangle]
fn custom_panic(_: &core::panic::PanicInfo<'_>) {}

fn deallocate(input: Input) -> Answer {
    const INSTRUCTION: usize = FOURTH;
    require!(input.u64(INSTRUCTION) >= 16, UnknownInstruction);
    require!(input.u64(INSTRUCTION + 8) == 0x9f96_ace1_69d7_0b1c, UnknownInstruction);
    input.check_member(INSTRUCTION + 8 + input.u64(INSTRUCTION) as usize)?;

    let amount = input.u64(INSTRUCTION + 16);
    let member_allocated = input.u64(MEMBER_ALLOCATED);
    require!(amount > 0, ZeroAmount);
    require!(amount <= member_allocated, ExceedsAllocated);

    let member_allocated = member_allocated - amount;
    input.set(AVAILABLE, input.u64(AVAILABLE) + amount);
    input.set(ALLOCATED, input.u64(ALLOCATED) - amount);
    input.set(MEMBER_ALLOCATED, member_allocated);
    let sequence = input.next_sequence();
    input.emit(0x6234_3a62_f497_a010, [amount, member_allocated], sequence);
    Ok(())
}

fn allocate(input: Input) -> Answer {
    const CLOCK_ACCOUNT: usize = FOURTH;
    const INSTRUCTION: usize = end(CLOCK_ACCOUNT, CLOCK_LENGTH);
    require!(input.get::<u8>(CLOCK_ACCOUNT) == 0xff, WrongAccounts);
    require!(input.is_key(CLOCK_ACCOUNT + KEY, CLOCK), WrongAccounts);
    require!(input.u64(INSTRUCTION) >= 16, UnknownInstruction);
    require!(input.u64(INSTRUCTION + 8) == 0x8852_9d18_81bd_2640, UnknownInstruction);
    input.check_member(INSTRUCTION + 8 + input.u64(INSTRUCTION) as usize)?;

    let amount = input.u64(INSTRUCTION + 16);
    let available = input.u64(AVAILABLE);
    require!(!input.battery_is_paused(), Paused);
    require!(amount > 0, ZeroAmount);
    require!(amount <= available, ExceedsAvailable);
    require!(amount <= input.unallocated(), ExceedsUnallocated);
    let member_allocated = input.u64(MEMBER_ALLOCATED) + amount;
    let limit = match input.u64(MEMBER_LIMIT) {
        u64::MAX => input.u64(ALLOCATION_LIMIT),
        own => own,
    };
    require!(member_allocated <= limit, ExceedsAllocationLimit);

    let now: i64 = input.get(CLOCK_ACCOUNT + DATA + 32);
    let expiry = (now + input.get::<i64>(ALLOCATION_LIFETIME)) as u64;
    input.set(AVAILABLE, available - amount);
    input.set(ALLOCATED, input.u64(ALLOCATED) + amount);
    input.set(MEMBER_ALLOCATED, member_allocated);
    input.set(EXPIRY, expiry);
    let sequence = input.next_sequence();
    input.emit(0xcd84_e6f2_0cdf_b1f5, [amount, member_allocated, expiry], sequence);
    Ok(())
}

fn withdraw_energy(input: Input) -> Answer {
    const VAULT: usize = FOURTH;
    const DESTINATION: usize = end(VAULT, TOKEN_LENGTH);
    const TOKEN_PROGRAM_ACCOUNT: usize = end(DESTINATION, TOKEN_LENGTH);
    let instruction = instruction_after_token_program(input, TOKEN_PROGRAM_ACCOUNT)?;
    require!(input.u64(instruction) >= 16, UnknownInstruction);
    require!(input.u64(instruction + 8) == 0xf3ea_3dde_4587_dd0f, UnknownInstruction);
    input.check_member(instruction + 8 + input.u64(instruction) as usize)?;
    input.check_token_account(VAULT)?;
    input.check_token_account(DESTINATION)?;
    require!(input.same_key(VAULT + KEY, BATTERY_VAULT), AnotherVault);
    require!(input.same_key(DESTINATION + DATA, BATTERY_MINT), AnotherMint);

    let amount = input.u64(instruction + 16);
    let (available, balance) = (input.u64(AVAILABLE), input.u64(BALANCE));
    require!(amount > 0, ZeroAmount);
    require!(amount <= balance, ExceedsBalance);
    require!(amount <= available, ExceedsAvailable);
    require!(amount <= input.unallocated(), ExceedsUnallocated);

    input.set(AVAILABLE, available - amount);
    input.set(BALANCE, balance - amount);
    let sequence = input.next_sequence();
    let seeds = [
        Slice { at: b"battery".as_ptr(), length: 7 },
        Slice { at: input.at(CREATOR), length: 32 },
        Slice { at: input.at(BATTERY_MINT), length: 32 },
        Slice { at: input.at(BUMP), length: 1 },
    ];
    input.call_token_program(TRANSFER, [VAULT, DESTINATION, BATTERY], amount, &seeds)?;
    input.emit(0x2817_14c5_c072_99cf, [amount, balance - amount], sequence);
    Ok(())
}

fn deposit_energy(input: Input) -> Answer {
    const MINT: usize = FOURTH;
    const VAULT: usize = end(MINT, MINT_LENGTH);
    const SOURCE: usize = end(VAULT, TOKEN_LENGTH);
    const TOKEN_PROGRAM_ACCOUNT: usize = end(SOURCE, TOKEN_LENGTH);
    let instruction = instruction_after_token_program(input, TOKEN_PROGRAM_ACCOUNT)?;
    require!(input.u64(instruction) >= 24, UnknownInstruction);
    require!(input.u64(instruction + 8) == 0x38aa_a442_79f2_cba8, UnknownInstruction);
    input.check_member(instruction + 8 + input.u64(instruction) as usize)?;
    require!(input.has(MINT, WRITABLE, MINT_LENGTH), WrongAccounts);
    require!(input.is_key(MINT + OWNER, TOKEN_PROGRAM), WrongAccounts);
    input.check_token_account(VAULT)?;
    input.check_token_account(SOURCE)?;
    require!(!input.battery_is_paused(), Paused);
    require!(input.same_key(MINT + KEY, BATTERY_MINT), AnotherMint);
    require!(input.same_key(VAULT + KEY, BATTERY_VAULT), AnotherVault);
    require!(input.same_key(SOURCE + DATA, BATTERY_MINT), AnotherMint);
    require!(input.same_key(SOURCE + DATA + 32, SIGNER + KEY), AnotherOwner);

    let (amount, minimum_credit) = (input.u64(instruction + 16), input.u64(instruction + 24));
    require!(amount > 0, ZeroAmount);
    let credit = credit_for(amount, input.get(EFFICIENCY_BPS));
    require!(credit > 0 && credit >= minimum_credit, CreditTooLow);
    let available = input.u64(AVAILABLE);
    require!(credit <= input.u64(CAPACITY) - available - input.u64(ALLOCATED), ExceedsFreeCapacity);

    let balance = input.u64(BALANCE) + credit;
    input.set(AVAILABLE, available + credit);
    input.set(BALANCE, balance);
    let sequence = input.next_sequence();
    input.call_token_program(TRANSFER, [SOURCE, VAULT, SIGNER], credit, &[])?;
    if amount > credit {
        input.call_token_program(BURN, [SOURCE, MINT, SIGNER], amount - credit, &[])?;
    }
    input.emit(0x73a9_09a2_da05_bb72, [amount, credit, balance], sequence);
    Ok(())
}

/// Rounded down. A division of 128 bits only where the product needs them.
fn credit_for(amount: u64, efficiency_bps: u16) -> u64 {
    match amount.checked_mul(efficiency_bps.into()) {
        Some(product) => product / 10_000,
        None => (u128::from(amount) * u128::from(efficiency_bps) / 10_000) as u64,
    }
}

/// The token program is the last account: only here is a length not known beforehand.
fn instruction_after_token_program(input: Input, account: usize) -> Result<usize, Refusal> {
    require!(input.get::<u8>(account) == 0xff, WrongAccounts);
    require!(input.is_key(account + KEY, TOKEN_PROGRAM), WrongAccounts);
    Ok(end(account, input.u64(account + LENGTH) as usize))
}

// The runtime's calls, and the structures they read.

const TRANSFER: u8 = 3;
const BURN: u8 = 8;

#[repr(C)]
struct Slice {
    at: *const u8,
    length: u64,
}

#[repr(C)]
struct Meta {
    key: *const u8,
    is_writable: bool,
    is_signer: bool,
}

#[repr(C)]
struct Info {
    key: *const u8,
    lamports: *const u64,
    length: u64,
    data: *const u8,
    owner: *const u8,
    rent_epoch: u64,
    is_signer: bool,
    is_writable: bool,
    is_executable: bool,
}

#[repr(C)]
struct Instruction {
    program_id: *const u8,
    metas: *const Meta,
    metas_length: u64,
    data: *const u8,
    data_length: u64,
}

extern "C" {
    fn sol_log_data(fields: *const Slice, length: u64);
    fn sol_invoke_signed_c(
        instruction: *const Instruction,
        infos: *const Info,
        infos_length: u64,
        signers: *const Slice,
        signers_length: u64,
    ) -> u64;
}
