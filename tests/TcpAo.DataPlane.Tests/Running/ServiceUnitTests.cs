using System.Diagnostics;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>
/// packaging/systemd/tcpao.service under systemd itself, with all that it forbids the service: the first process of namespaces of its own, on a copy of this
/// host's file system whose changes are in memory.
/// </summary>
public sealed class ServiceUnitTests
{
    private const string Systemd = "/lib/systemd/systemd";

    private const string Configuration = """
        key-chains:
          - name: c
            keys: [ { id: 1, send-id: 1, recv-id: 2, secret: "a secret of the unit" } ]
        peers:
          - { name: p, remote: 192.0.2.9, port: 179, key-chain: c }

        """;

    /// <summary>$1 is this test's folder, $2 that of the program.</summary>
    private const string Boot = """
        set -e
        mount --make-rprivate /
        mount -t tmpfs changes "$1/changes"
        mkdir "$1/changes/upper" "$1/changes/work"
        root=$1/root
        mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes/upper,workdir=$1/changes/work" "$root"
        mkdir -p "$root/usr/lib/tcpao" "$root/etc/tcpao" "$root/old"
        cp -r "$2/." "$root/usr/lib/tcpao/"
        printf '#!/bin/sh\nexec %s /usr/lib/tcpao/TcpAo.Cli.dll "$@"\n' "$(readlink -f "$(command -v dotnet)")" >"$root/usr/bin/tcpao"
        chmod 755 "$root/usr/bin/tcpao"
        install -m 0600 "$1/tcpao.yaml" "$root/etc/tcpao/"
        rm -rf "$root/etc/systemd/system"
        mkdir -p "$root/etc/systemd/system/tcpao.service.d"
        cp "$2/tcpao.service" "$1/check.service" "$1/check.target" "$root/etc/systemd/system/"
        printf '[Service]\nStandardError=append:/var/log/tcpao.log\n' >"$root/etc/systemd/system/tcpao.service.d/log.conf"
        cp "$1/check.sh" "$root/"
        mount -t proc proc "$root/proc"
        mount -t sysfs sysfs "$root/sys"
        mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
        mount -t tmpfs run "$root/run"
        mount -t tmpfs tmp "$root/tmp"
        mount --rbind /dev "$root/dev"
        mkdir "$root/tmp/said"
        mount --bind "$1/said" "$root/tmp/said"
        cd "$root"
        pivot_root . old
        export container=other
        exec /lib/systemd/systemd --system --unit=check.target --show-status=no
        """;

    private const string Target = """
        [Unit]
        DefaultDependencies=no
        Wants=tcpao.service check.service

        """;

    private const string Service = """
        [Unit]
        DefaultDependencies=no
        [Service]
        Type=oneshot
        TimeoutStartSec=infinity
        ExecStart=/bin/sh /check.sh
        StandardOutput=append:/tmp/said/lines
        StandardError=append:/tmp/said/lines

        """;

    private const string Check = """
        until_active() {
            until [ "$(systemctl is-active tcpao)" = active ]; do sleep 0.2; done
        }

        until_active
        pid=$(systemctl show tcpao -p MainPID --value)
        echo "status: $(systemctl show tcpao -p StatusText --value)"
        echo "restricted: $(sed -n 's/^NoNewPrivs:\t//p; s/^CapBnd:\t//p; s/^Seccomp:\t//p' /proc/$pid/status | tr '\n' ' ')"
        tcpao show peers | grep -q 192.0.2.9 && echo "shown"
        systemctl reload tcpao && echo "reloaded"
        kill -9 $pid
        until [ "$(systemctl show tcpao -p NRestarts --value)" = 1 ]; do sleep 0.2; done
        until_active
        echo "restarted"
        systemctl stop tcpao && echo "stopped"
        ls /run/tcpao/*.state >/dev/null && echo "kept"
        cat /var/log/tcpao.log
        echo "@end"

        """;

    [Fact]
    public void Unit_BootedBySystemd_StartsReloadsRestartsAndStops()
    {
        Assert.SkipUnless(File.Exists(Systemd), "systemd is not installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "namespaces and an overlay need root");
        string folder = Directory.CreateTempSubdirectory("tcpao-unit-").FullName;
        string said = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "said")).FullName, "lines");
        Directory.CreateDirectory(Path.Combine(folder, "changes"));
        Directory.CreateDirectory(Path.Combine(folder, "root"));
        foreach ((string name, string text) in ((string, string)[])[("tcpao.yaml", Configuration), ("boot.sh", Boot), ("check.target", Target), ("check.service", Service), ("check.sh", Check)])
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        File.WriteAllText(said, "");
        string[] arguments = ["--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net", "--cgroup", "--mount-proc", "sh", Path.Combine(folder, "boot.sh"), folder, AppContext.BaseDirectory];
        using var process = Process.Start(new ProcessStartInfo("unshare", arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true })!;
        Task<string> log = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            Wait.Until(() => process.HasExited || File.ReadAllText(said).Contains("@end", StringComparison.Ordinal), "the unit was tried");
            string text = File.ReadAllText(said);
            Assert.False(process.HasExited, process.HasExited ? Wait.ForResult(log) : "");

            // CAP_NET_ADMIN and CAP_NET_RAW, and filters of calls
            Assert.Contains("restricted: 1 2 0000000000003000", Sorted(text), StringComparison.Ordinal);
            Assert.Contains("status: protecting 1 peers", text, StringComparison.Ordinal);
            Assert.All(["shown", "reloaded", "restarted", "stopped", "kept"], word => Assert.Contains($"\n{word}\n", text, StringComparison.Ordinal));
            Assert.Equal(2, text.Split("tcpao: protecting 1 peers").Length - 1);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The order of lines in a status file is the kernel's.</summary>
    private static string Sorted(string text)
    {
        string line = text.Split('\n').FirstOrDefault(line => line.StartsWith("restricted: ", StringComparison.Ordinal)) ?? "";
        return $"restricted: {string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).OrderBy(word => word.Length).ThenBy(word => word, StringComparer.Ordinal))}";
    }
}
