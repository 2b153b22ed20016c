using System.Net;
using System.Runtime.CompilerServices;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Tests.Support;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

/// <summary>Connections in a file over the death of a program .</summary>
public sealed class StateFileTests
{
    private static readonly byte[] s_identity = [1, 2, 3, 4];
    private static readonly AoKey s_key = NewKey("testvector");

    [Fact]
    [Requirement("R-090")]
    public void Connections_KeptAndForgotten_AreThereAgainAfterwards()
    {
        using var folder = new TempFolder();
        using (StateFile state = Open(folder))
        {
            AoConnection[] connections = [.. Enumerable.Range(1, 100).Select(port => Connection((ushort)port, s_key))];
            foreach (AoConnection connection in connections)
            {
                state.Keep(connection);
            }

            foreach (AoConnection connection in connections.Where(connection => connection.Pair.LocalPort % 2 == 1))
            {
                state.Forget(connection);
            }

            state.Keep(Connection(101, s_key));
        }

        using StateFile again = Open(folder);
        (List<SavedConnection> good, List<SavedConnection> held) = again.Load(_ => new KeyRing(s_key));

        Assert.Empty(held);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => 2 * i).Append(101), good.Select(saved => (int)saved.Pair.LocalPort).Order());
        Assert.All(good, saved => Assert.Equal(Connection(saved.Pair.LocalPort, s_key).Save(), saved));
    }

    [Fact]
    [Requirement("R-016")]
    public void Connection_KeyChangedOrGone_IsHeld()
    {
        using var folder = new TempFolder();
        using (StateFile state = Open(folder))
        {
            state.Keep(Connection(1, s_key));
        }

        foreach (KeyRing? keys in (KeyRing?[])[new KeyRing(NewKey("another")), KeyRing.Empty, null])
        {
            using StateFile state = Open(folder);
            (List<SavedConnection> good, List<SavedConnection> held) = state.Load(_ => keys);
            Assert.Empty(good);
            Assert.Single(held);
        }
    }

    [Fact]
    public void Key_ThatNobodyUsesAnyMore_IsLetGo()
    {
        using var folder = new TempFolder();
        using StateFile state = Open(folder);
        WeakReference key = KeepOneWithAKeyOfItsOwn(state);
        GC.Collect();
        Assert.False(key.IsAlive);
        state.Keep(Connection(2, s_key));

        // no variable here holds the key
        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference KeepOneWithAKeyOfItsOwn(StateFile state)
        {
            AoKey key = NewKey("of an old configuration");
            AoConnection connection = Connection(1, key);
            state.Keep(connection);
            state.Forget(connection);
            return new WeakReference(key);
        }
    }

    [Fact]
    [Requirement("R-090")]
    public void Record_CutShortByACrash_LeavesTheOneBeforeIt()
    {
        using var folder = new TempFolder();
        AoConnection connection = Connection(1, s_key);
        using (StateFile state = Open(folder))
        {
            state.Keep(connection);
            state.Keep(connection);
        }

        string path = System.IO.Path.Combine(folder.Path, "state");
        byte[] whole = File.ReadAllBytes(path);
        int second = 4096 + StateRecord.Length;
        for (int at = second; at < second + StateRecord.Length; at += 8)
        {
            byte[] torn = [.. whole];
            torn.AsSpan(at, second + StateRecord.Length - at).Fill(0xA5);
            File.WriteAllBytes(path, torn);
            using StateFile state = Open(folder);
            Assert.Equal(connection.Save(), Assert.Single(state.Load(_ => new KeyRing(s_key)).Good));
        }
    }

    [Fact]
    public void File_OfAnotherBoot_IsBegunAnew()
    {
        using var folder = new TempFolder();
        using (StateFile state = Open(folder))
        {
            state.Keep(Connection(1, s_key));
        }

        using StateFile other = StateFile.Open(System.IO.Path.Combine(folder.Path, "state"), [9, 9]);
        (List<SavedConnection> good, List<SavedConnection> held) = other.Load(_ => new KeyRing(s_key));
        Assert.Empty(good);
        Assert.Empty(held);
    }

    [Fact]
    [Requirement("R-090")]
    public void File_ThatSurvivesReboots_HasItsConnectionsInAnotherBootAndSaysSo()
    {
        using var folder = new TempFolder();
        string path = System.IO.Path.Combine(folder.Path, "state");
        using (StateFile state = StateFile.Open(path, s_identity, survivesReboot: true))
        {
            state.Keep(Connection(1, s_key));
        }

        foreach ((byte[] boot, bool isOther) in new[] { (s_identity, false), ([9, 9], true), ([9, 9], false) })
        {
            using StateFile state = StateFile.Open(path, boot, survivesReboot: true);
            Assert.Equal(isOther, state.IsFromAnotherBoot);
            Assert.Single(state.Load(_ => new KeyRing(s_key)).Good);
        }

        // and asked for no more, it is a file of this boot alone
        using StateFile bound = StateFile.Open(path, s_identity);
        Assert.Empty(bound.Load(_ => new KeyRing(s_key)).Good);
    }

    [Fact]
    public void File_WithConnections_HoldsNoSecret()
    {
        using var folder = new TempFolder();
        using (StateFile state = Open(folder))
        {
            state.Keep(Connection(1, s_key));
        }

        Assert.Equal(-1, File.ReadAllBytes(System.IO.Path.Combine(folder.Path, "state")).AsSpan().IndexOf("testvector"u8));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(System.IO.Path.Combine(folder.Path, "state")));
    }

    private static StateFile Open(TempFolder folder) => StateFile.Open(System.IO.Path.Combine(folder.Path, "state"), s_identity);

    private static AoKey NewKey(string secret) => new("core/1", 61, 84, MacAlgorithms.AesCmac, Secret.FromText(secret));

    private static SocketPair Pair(ushort port) => new(IpAddressBits.From(IPAddress.Parse("192.0.2.1")), IpAddressBits.From(IPAddress.Parse("192.0.2.2")), port, 179);

    private static AoConnection Connection(ushort port, AoKey key)
    {
        var engine = new AoEngine(new OnePolicy(new ConnectionPolicy("peer", new KeyRing(key))));
        var saved = new SavedConnection(Pair(port), ConnectionState.Synchronized, Protection.Signed, 1000u + port, 2000u + port, 3, 4000, 5, 6000, key.SendId, key.RecvId, key.RecvId);
        return engine.Restore(saved, default)!;
    }

    private sealed class OnePolicy(ConnectionPolicy policy) : IKeySource
    {
        public ConnectionPolicy? Find(in SocketPair pair) => policy;
    }
}
