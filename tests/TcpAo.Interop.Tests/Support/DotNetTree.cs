using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace TcpAo.Interop.Tests.Support;

/// <summary>A folder to chroot into in which programs of .NET run: this runtime, the libraries that it needs, and the programs.</summary>
internal static partial class DotNetTree
{
    /// <summary>In the guest: <c>sh /share/dotnet.sh PROGRAM ARGUMENTS</c>.</summary>
    private const string Run = """
        program=$1
        shift

        # a small kernel has no inotify
        export DOTNET_USE_POLLING_FILE_WATCHER=1
        exec chroot /share/root /dotnet/dotnet "/app/$program/$program.dll" "$@"
        """;

    /// <summary>In the guest, once: what programs of .NET want, and the addresses of the matrix.</summary>
    private const string Mount = """
        mount -t proc proc /share/root/proc
        mount -t devtmpfs dev /share/root/dev
        ip link set lo up
        for i in 1 2 3; do ip -6 address add 2001:db8:59::$i/64 dev lo; done
        """;

    /// <summary>Makes it.</summary>
    /// <param name="share">The folder that the guest sees as /share.</param>
    /// <param name="programs">Names of projects.</param>
    public static void Make(string share, params string[] programs)
    {
        string root = Path.Combine(share, "root");
        foreach (string folder in (string[])["proc", "dev", "tmp", "etc"])
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
        }

        string runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        string version = Path.GetFileName(runtime);
        string dotnet = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        string host = Path.Combine("host", "fxr", version);
        Copy(Path.Combine(dotnet, host), Path.Combine(root, "dotnet", host));
        foreach (string framework in (string[])["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"])
        {
            string part = Path.Combine("shared", framework, version);
            Copy(Path.Combine(dotnet, part), Path.Combine(root, "dotnet", part));
        }

        File.Copy(Path.Combine(dotnet, "dotnet"), Path.Combine(root, "dotnet", "dotnet"));
        foreach (string library in LibrariesOf([Path.Combine(dotnet, "dotnet"), .. Directory.EnumerateFiles(runtime, "*.so"), .. Directory.EnumerateFiles(Path.Combine(dotnet, host), "*.so")]))
        {
            string target = Path.Join(root, library);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);

            // what a link leads to, under the name that it was asked for by
            File.Copy(File.ResolveLinkTarget(library, returnFinalTarget: true)?.FullName ?? library, target, overwrite: true);
        }

        var here = new DirectoryInfo(AppContext.BaseDirectory);
        foreach (string program in programs)
        {
            Copy(Path.Combine(here.Parent!.Parent!.FullName, program, here.Name), Path.Combine(root, "app", program));
        }

        File.WriteAllText(Path.Combine(share, "dotnet.sh"), Run);
        File.WriteAllText(Path.Combine(share, "mount.sh"), Mount);
    }

    private static IEnumerable<string> LibrariesOf(IEnumerable<string> files)
    {
        ProcessStartInfo start = new("ldd", files) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        errors.Wait();
        return LibraryPath().Matches(output).Select(match => match.Groups["path"].Value).Distinct(StringComparer.Ordinal);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    // "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)" and "/lib64/ld-linux-x86-64.so.2 (0x…)"
    [GeneratedRegex(@"^\s+(\S+ => )?(?<path>/\S+) \(0x", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LibraryPath();
}
