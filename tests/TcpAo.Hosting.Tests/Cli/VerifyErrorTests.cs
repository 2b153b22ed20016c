using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Cli;

/// <summary>Exit codes of <c>tcpao verify</c>, and what people read when something is wrong: sentences with a place, never a stack trace.</summary>
[Collection(ConsoleTests.Name)]
public sealed class VerifyErrorTests
{
    private const string Sample = "v4-sha1-12";

    [Fact]
    public void Inputs_Wrong_OneSentenceEachAndTheExitCode()
    {
        using var folder = new TempFolder();
        var text = new StringBuilder();
        string keys = Captures.Keys(folder, Sample);
        string capture = Captures.Pcap(Sample);
        (byte[] header, byte[][] records) = Captures.Split(Sample);
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionMode.Compress))
        {
            gzip.Write(header);
        }

        Add("verify");
        Add("verify", capture);
        Add("verify", "--keys", keys);
        Add("verify", capture, "--keys");
        Add("verify", capture, "--keys", keys, "--bogus");
        Add("verify", capture, capture, "--keys", keys);
        Add("verfy", capture, "--keys", keys);
        Add();
        Add("verify", Path.Combine(folder.Path, "none.pcap"), "--keys", keys);
        Add("verify", Path.Combine(folder.Path, "none", "x.pcap"), "--keys", keys);
        Add("verify", folder.Path, "--keys", keys);
        Add("verify", folder.Write("text.pcap", "this is a text\n"), "--keys", keys);
        Add("verify", folder.Write("x.pcap.gz", zipped.ToArray()), "--keys", keys);
        Add("verify", folder.Write("empty.pcap", ""), "--keys", keys);
        Add("verify", folder.Write("header.pcap", header), "--keys", keys);
        Add("verify", folder.Write("3-bytes.pcap", header[..3]), "--keys", keys);
        Add("verify", folder.Write("half-header.pcap", header[..20]), "--keys", keys);
        Add("verify", folder.Write("damaged.pcap", Captures.Join(header, [records[0], [.. records[1][..8], 0, 0, 0, 0x7F, .. records[1][12..]]])), "--keys", keys);
        Add("verify", capture, "--keys", Path.Combine(folder.Path, "none.yaml"));
        Add("verify", capture, "--keys", folder.Path);
        Add("verify", capture, "--keys", folder.Write("wrong.yaml", File.ReadAllText(keys).Replace("send-id", "sendid")));
        Add("verify", capture, "--keys", folder.Write("no-secret.yaml", "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 61, recv-id: 84, secret-file: none.key }\n"));
        Add("verify", capture, "--keys", keys, "--connection", "192.0.2.1");
        Add("verify", capture, "--keys", keys, "--connection", "192.0.2.1:");
        Add("verify", capture, "--keys", keys, "--connection", "192.0.2.1:70000");
        Add("verify", capture, "--keys", keys, "--connection", "2001:db8::1:179");
        Add("verify", capture, "--keys", keys, "--connection", "10.1:179");
        Add("verify", capture, "--keys", keys, "--connection", "");
        Add("verify", capture, "--keys", keys, "--connection", "192.0.2.1:1-192.0.2.2:2-192.0.2.3:3");
        Add("verify", capture, "--keys", keys, "--isns", "192.0.2.1:1=5");
        Add("verify", capture, "--keys", keys, "--isns", "192.0.2.1:1=5,192.0.2.2:179");
        Add("verify", capture, "--keys", keys, "--isns", "192.0.2.1:1=-5,192.0.2.2:179=1");
        Add("verify", capture, "--keys", keys, "--isns", "192.0.2.1:1=0x,192.0.2.2:179=1");
        Add("verify", capture, "--keys", keys, "--isns", "192.0.2.1:1=4294967296,192.0.2.2:179=1");
        Add("verify", capture, "--keys", keys, "--isns", "192.0.2.1:1=1/2/3,192.0.2.2:179=1");
        Golden.Match(text.ToString().Replace(folder.Path, "TEMP").Replace(Captures.Folder, "DIR"), "verify-errors");

        void Add(params string[] args)
        {
            CliRun run = CliRun.Of(args);
            text.Append($"$ tcpao {string.Join(' ', args.Select(arg => arg.Length == 0 ? "''" : arg))}\n{run.Output}{run.Error}=> {run.ExitCode}\n");
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("internal error", run.Error, StringComparison.Ordinal);
            Assert.NotEmpty(run.Error);
        }
    }

    [Fact]
    public void SecretFile_Unreadable_ConfigurationErrorWithItsPlace()
    {
        using var folder = new TempFolder();

        // permissions do not stop root, who may run this; the kernel lets nobody read the first page of a process
        string keys = folder.Write("keys.yaml", "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 61, recv-id: 84, secret-file: /proc/self/mem }\n");

        CliRun run = CliRun.Verify(Captures.Pcap(Sample), "--keys", keys);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("keys.yaml:4", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Capture_TruncatedAnywhere_VerdictsOfTheReadablePartThenTheFrame()
    {
        using var folder = new TempFolder();
        string keys = Captures.Keys(folder, Sample);
        (byte[] header, byte[][] records) = Captures.Split(Sample);
        string[] whole = CliRun.Verify(Captures.Pcap(Sample), "--keys", keys, "--json").Lines;
        foreach (int count in (int[])[0, 1, 7, records.Length - 1])
        {
            foreach (int more in (int[])[1, 15, 16, 17, records[count].Length - 1])
            {
                string file = folder.Write("cut.pcap", [.. Captures.Join(header, records[..count]), .. records[count][..more]]);
                CliRun run = CliRun.Verify(file, "--keys", keys, "--json");

                Assert.Equal(2, run.ExitCode);
                Assert.Equal(whole[..count], run.Lines[..^1]);
                Assert.Contains($"\"frame\":null,\"segments\":{count},", run.Lines[^1], StringComparison.Ordinal);
                Assert.StartsWith($"tcpao: {file}: the file ends inside frame {count + 1}, which begins at byte ", run.Error, StringComparison.Ordinal);
                Assert.Equal(1, run.Error.Count(c => c == '\n'));
            }
        }
    }

    [Fact]
    public void Capture_WithPlainTrafficOnly_ExitOne()
    {
        using var folder = new TempFolder();
        string keys = folder.Write("keys.yaml", "key-chains:\n  - name: core\n    keys:\n      - { id: 1, send-id: 1, recv-id: 2, secret: s }\n");
        string file = folder.Write("plain.pcap", PlainTcp());

        CliRun run = CliRun.Verify(file, "--keys", keys, "--json");

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Contains("\"verdict\":\"not-tcp-ao\",\"key\":null,\"reason\":null,\"hint\":null", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("\"key-id\":null,\"rnext-key-id\":null,\"mac-length\":null,\"sne\":null", run.Lines[0], StringComparison.Ordinal);

        // with valid segments beside it plain traffic does no harm
        (byte[] header, byte[][] records) = Captures.Split(Sample);
        string mixed = folder.Write("mixed.pcap", [.. Captures.Join(header, records), .. PlainTcp()[24..]]);
        Assert.Equal(0, CliRun.Verify(mixed, "--keys", Captures.Keys(folder, Sample)).ExitCode);
        Assert.Equal(1, CliRun.Verify(mixed, "--keys", Captures.Keys(folder, Sample, yaml => $"{yaml}\npeers:\n  - {{ name: p, remote: 198.51.100.2/32, key-chain: {Sample} }}\n")).ExitCode);
    }

    [Fact]
    public async Task Capture_FromAFifo_ReadOnce()
    {
        using var folder = new TempFolder();
        string keys = Captures.Keys(folder, Sample);
        string fifo = Path.Combine(folder.Path, "fifo");
        using (var make = Process.Start("mkfifo", fifo))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, make.ExitCode);
        }

        CancellationToken stop = TestContext.Current.CancellationToken;
        Task write = Task.Run(
            async () =>
            {
                await using var stream = new FileStream(fifo, FileMode.Open, FileAccess.Write);
                byte[] file = await File.ReadAllBytesAsync(Captures.Pcap(Sample), stop);
                await stream.WriteAsync(file.AsMemory(0, 1001), stop);
                await stream.FlushAsync(stop);
                await stream.WriteAsync(file.AsMemory(1001), stop);
            },
            stop);
        CliRun run = CliRun.Verify(fifo, "--keys", keys, "--json");
        await write;

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(CliRun.Verify(Captures.Pcap(Sample), "--keys", keys, "--json").Output, run.Output);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--segments")]
    public async Task Output_ReadByNobody_EndsWithoutAnError(string form)
    {
        using var folder = new TempFolder();
        (byte[] header, byte[][] records) = Captures.Split(Sample);
        string file = folder.Write("long.pcap", Captures.Join(header, Enumerable.Repeat(records, 100).SelectMany(r => r)));
        var start = new ProcessStartInfo("sh") { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"(dotnet '{Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll")}' verify '{file}' --keys '{Captures.Keys(folder, Sample)}' {form}; echo \"exit $?\" >&2) | head -n 1");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("exit 0\n", error);
        Assert.Equal(1, (await output).Count(c => c == '\n'));
    }

    /// <summary>A pcap file with one SYN without options from 198.51.100.1 to 198.51.100.2.</summary>
    private static byte[] PlainTcp()
    {
        byte[] segment =
        [
            2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
            0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 198, 51, 100, 1, 198, 51, 100, 2,
            0x9C, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 1, 0, 0, 0, 0, 0,
        ];
        byte[] record = [0, 0, 0, 0, 0, 0, 0, 0, (byte)segment.Length, 0, 0, 0, (byte)segment.Length, 0, 0, 0, .. segment];
        return [.. Captures.Split(Sample).Header, .. record];
    }
}
