//! rustc's linker for the target `sbf-solana`: LLVM bitcode in, a program that Solana loads out, as SBF v0 and as v3.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use sbpf_linker::{OptimizationConfig, ProgramOptions, SbpfArch, SbpfLinkerError, link_program};

/// Bytes of stack that the virtual machine gives each call.
const STACK_FRAME: i32 = 4096;

const TARGET: [&str; 2] = ["-march=bpfel", "-mattr=+allows-misaligned-mem-access"];

/// The upstream BPF processor that SBF v0 descends from: no 32-bit jumps, no signed division. The optimiser has it in
/// mind for both versions.
const OLDEST_CPU: &str = "-mcpu=v2";

/// What a program is made for, with its processor and the end of its file's name.
const VERSIONS: [(SbpfArch, &str, &str); 2] =
    [(SbpfArch::V0, OLDEST_CPU, "so"), (SbpfArch::V3, "-mcpu=v3", "v3.so")];

/// Two rounds of optimisation: the first inlines much, so that boxes are seen to stay inside a function, and
/// `sbf-unbox` puts those on the stack; the second profits from that, and finds more of them. Each with LLVM's
/// measure of how large a function may be to be copied into its caller, see README.md. `sbf-apart` exempts what runs
/// rarely; `mergefunc` leaves one of functions that came out the same.
///
/// The second round leaves functions with large frames apart: merged, they might need more than one frame has.
const ROUNDS: [(&[&str], &str); 2] = [
    (
        &["-inline-threshold=800"],
        "sbf-internalize,globaldce,lower-atomic,sbf-apart,sbf-keep-allocator,default<O3>,expand-memcmp,sbf-unbox",
    ),
    (
        &["-inline-threshold=225", "-inline-max-stacksize=1024"],
        "default<O3>,sbf-unbox,default<O3>,sbf-release-allocator,default<O3>,mergefunc,sbf-legalize,globaldce,\
         verify",
    ),
];

/// What makes a program fit for Solana at all, for `SBF_QUICK`: a third of the time, and more compute units.
const QUICK: (&[&str], &str) = (
    &[],
    "sbf-internalize,globaldce,lower-atomic,function(sroa,early-cse,simplifycfg),ipsccp,globalopt,cgscc(inline),\
     function(sroa,early-cse,simplifycfg),globalopt,globaldce,function(expand-memcmp),sbf-legalize,globaldce,verify",
);

#[derive(Default)]
struct Job {
    inputs: Vec<PathBuf>,
    exports: PathBuf,
    output: PathBuf,
}

fn main() -> ExitCode {
    match parse(env::args().skip(1)).and_then(|job| link(&job)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sbf-linker: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the arguments that rustc gives to a linker of the flavour `bpf`.
fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Job, String> {
    let mut job = Job::default();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} lacks its value"));
        match argument.as_str() {
            "-o" => job.output = value()?.into(),
            "--export-symbols" => job.exports = value()?.into(),
            "-L" | "--cpu" => drop(value()?),
            "--debug" => {}
            _ if argument.ends_with("/symbols.o") => {} // the exports once more, as an object
            _ if argument.ends_with(".o") || argument.ends_with(".rlib") => job.inputs.push(argument.into()),
            _ if argument.starts_with("-O") => {} // each crate's; the program as a whole has ROUNDS
            _ => return Err(format!("unknown argument {argument}")),
        }
    }
    Ok(job)
}

/// Links a program. A library that also asks to be a `cdylib` has no entrypoint; its file stays empty.
fn link(job: &Job) -> Result<(), String> {
    let exports = fs::read_to_string(&job.exports).map_err(|e| format!("{}: {e}", job.exports.display()))?;
    if !exports.lines().any(|symbol| symbol == "entrypoint") {
        return write(&job.output, &[]);
    }
    let needed = job.output.with_extension("needed.bc");
    let linked = job.output.with_extension("linked.bc");
    let legal = job.output.with_extension("legal.bc");
    // Twice, since libraries need each other; and all of compiler_builtins, which what is legalized may need.
    let (mut inputs, builtins) = (job.inputs.clone(), job.inputs.iter().filter(|input| is_builtins(input)));
    inputs.extend_from_slice(&job.inputs);
    run(llvm_link().arg("--only-needed").args(&inputs).arg("-o").arg(&needed))?;
    run(llvm_link().arg(&needed).args(builtins).arg("-o").arg(&linked))?;
    optimise(&linked, &legal)?;
    for (arch, cpu, ending) in VERSIONS {
        let object = job.output.with_extension("o");
        generate_code(&legal, &object, cpu)?;
        let options = ProgramOptions::new(OptimizationConfig::default(), arch, STACK_FRAME);
        let code = fs::read(&object).map_err(|e| format!("{}: {e}", object.display()))?;
        let program = link_program(&code, options).map_err(|errors| SbpfLinkerError::format_errors(&errors))?;
        write(&job.output.with_extension(ending), &program)?;
    }
    Ok(())
}

fn llvm_link() -> Command {
    let mut command = Command::new("llvm-link-22");
    command.arg("--ignore-non-bitcode");
    command
}

fn is_builtins(input: &Path) -> bool {
    input.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libcompiler_builtins"))
}

fn optimise(linked: &Path, legal: &Path) -> Result<(), String> {
    let unboxed = legal.with_extension("unboxed.bc");
    let kit = env::current_exe().map_err(|e| e.to_string())?;
    let rounds = match env::var_os("SBF_QUICK") {
        Some(_) => vec![(QUICK, linked, legal)],
        None => vec![(ROUNDS[0], linked, &*unboxed), (ROUNDS[1], &*unboxed, legal)],
    };
    for ((inlining, passes), from, to) in rounds {
        let mut opt = Command::new("opt-22");
        opt.args(TARGET).args([OLDEST_CPU, "-strip-debug", "-passes", passes]);
        for plugin in ["apart.so", "unbox.so", "legalize.so"] {
            opt.arg("-load-pass-plugin").arg(kit.with_file_name(plugin));
        }
        opt.args(inlining);
        // Calls that LLVM thinks rare are inlined like others: here most large results are of such calls.
        opt.arg("-cold-callsite-rel-freq=0");
        // An account's box has more uses than LLVM looks at by itself before it takes a pointer for captured.
        opt.arg("-capture-tracking-max-uses-to-explore=2000");
        // A handler with all inlined is a large function: farther than by itself LLVM must look in it.
        opt.args(["-dom-tree-reachability-max-bbs-to-explore=1000", "-memssa-check-limit=1000"]);
        run(opt.arg(from).arg("-o").arg(to))?;
    }
    Ok(())
}

fn generate_code(legal: &Path, object: &Path, cpu: &str) -> Result<(), String> {
    let mut llc = Command::new("llc-22");
    llc.args(TARGET)
        .args([cpu, "-O3", "-filetype=obj", "-bpf-disable-trap-unreachable"]);
    llc.arg(format!("-bpf-stack-size={STACK_FRAME}"));
    run(llc.arg(legal).arg("-o").arg(object))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{name} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}
