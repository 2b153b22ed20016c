using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace TcpAo.Interop.Tests.Support;

/// <summary>
/// A Linux kernel with TCP-AO in a process of its own (user-mode Linux or QEMU) and a network namespace with the other end of its wire. It runs what is written
/// to its console.
/// </summary>
internal sealed class Guest
{
    public static readonly IPAddress Host4 = IPAddress.Parse("192.0.2.1");
    public static readonly IPAddress Host6 = IPAddress.Parse("2001:db8:2::1");
    public static readonly IPAddress Guest4 = IPAddress.Parse("192.0.2.2");
    public static readonly IPAddress Guest6 = IPAddress.Parse("2001:db8:2::2");

    private const int BootMilliseconds = 120_000;

    /// <summary>Each line of the console is a name, the port that the program will listen on or 0, and the program.</summary>
    private const string Job = """
        stty -echo
        echo "@up"
        while read -r id port program; do
            (
                sh -c "exec $program" >/tmp/$id 2>&1 &
                pid=$!
                echo $pid >/tmp/$id.pid
                if [ "$port" != 0 ]; then
                    while kill -0 $pid && ! netstat -tln | grep -q ":$port "; do usleep 10000; done
                fi
                echo "@$id started"
                wait $pid
                echo "@$id ended: $(tr '\n' '|' </tmp/$id)"
            ) </dev/null &
        done

        """;

    // emulated on a busy machine it takes its time to boot
    private readonly Lines _lines = new("the guest", BootMilliseconds);
    private readonly Process _process;
    private int _programs;

    /// <param name="programs">Ends it.</param>
    /// <param name="peer">The folder of the kernel.</param>
    /// <param name="folder">A folder for its files.</param>
    /// <param name="space">The namespace at the other end of its wire.</param>
    /// <param name="prepare">Puts into a folder what the guest sees as /share.</param>
    /// <param name="memory">Its memory, in MiB.</param>
    public Guest(Programs programs, string peer, string folder, string space, Action<string>? prepare = null, int memory = 768)
    {
        string share = Directory.CreateDirectory(Path.Combine(folder, "share")).FullName;
        File.WriteAllText(Path.Combine(share, "job.sh"), Job);
        GuestPrograms.Place(share);
        prepare?.Invoke(share);
        _process = programs.Start(
            _lines,
            Path.Combine(peer, "run-uml.sh"),
            ["-N", space, "-s", share, "-j", "job.sh", "-m", $"{memory}"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = folder });
        _lines.WaitFor("@up");
    }

    /// <summary>Starts a program and waits until it listens on a port, if there is one.</summary>
    public GuestProgram Start(string command, int port = 0)
    {
        string name = $"p{++_programs}";
        int from = _lines.Count;
        Write($"{name} {port} {command}");
        _lines.WaitFor($"@{name} started", from);
        return new GuestProgram(this, name, from);
    }

    /// <summary>Writes a file there; its share may be a copy of ours.</summary>
    public void WriteFile(string path, string text)
    {
        // a terminal takes lines of up to 4095 bytes
        const int Piece = 2800;
        string redirect = ">";
        for (string rest = text; ; rest = rest[Piece..], redirect = ">>")
        {
            string piece = rest[..Math.Min(Piece, rest.Length)];
            Start($"sh -c 'echo {Convert.ToBase64String(Encoding.UTF8.GetBytes(piece))} | base64 -d {redirect}{path}'").WaitForEnd();
            if (piece.Length == rest.Length)
            {
                return;
            }
        }
    }

    public AoCounters ReadCounters()
    {
        // names and numbers in two lines
        string text = Start("grep TcpExt /proc/net/netstat").WaitForEnd();
        string[] lines = text.Split('|');
        string[] names = lines[0].Split(' ');
        string[] numbers = lines[1].Split(' ');
        return new AoCounters(Of("TCPAOGood"), Of("TCPAOBad"), Of("TCPAOKeyNotFound"), Of("TCPAORequired"));

        long Of(string name) => long.Parse(numbers[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
    }

    private void Write(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    /// <summary>A program in the guest.</summary>
    internal sealed record GuestProgram(Guest Guest, string Name, int From)
    {
        /// <summary>Waits for its end.</summary>
        /// <returns>What it wrote, with | for line ends.</returns>
        public string WaitForEnd()
        {
            string mark = $"@{Name} ended: ";
            string line = Guest._lines.WaitFor(mark, From);
            return line[(line.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..];
        }

        /// <summary>Ends it.</summary>
        public string Kill()
        {
            Guest.Start($"kill -9 $(cat /tmp/{Name}.pid)");
            return WaitForEnd();
        }
    }
}
